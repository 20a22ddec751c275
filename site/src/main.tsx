import { render } from "preact";
import { Client } from "./api/client.ts";
import { Service } from "./api/service.ts";
import { App } from "./app.tsx";
import { loadConfig } from "./config.ts";
import { Context } from "./context.ts";
import { asRefusal } from "./refusal.ts";
import { Cognito } from "./session/cognito.ts";
import { Session } from "./session/session.ts";
import "./style/main.css";
import { Problem } from "./ui/problem.tsx";
import { notify } from "./ui/toasts.tsx";

const root = document.getElementById("app")!;

try {
  const config = await loadConfig();
  const cognito = new Cognito(config.cognitoUrl, config.userPoolClientId);
  const session = new Session(cognito, () => notify("Your session has ended. Sign in again."));
  const service = new Service(new Client(config.apiUrl, session));
  render(
    <Context.Provider value={{ config, session, service }}>
      <App />
    </Context.Provider>,
    root,
  );
} catch (error) {
  render(<Problem of={asRefusal(error)} />, root);
}
