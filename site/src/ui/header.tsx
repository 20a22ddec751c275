import type { ComponentChildren } from "preact";
import { useLocation } from "preact-iso/router";
import { useSurroundings } from "../context.ts";
import { Icon } from "./icons.tsx";
import type { IconName } from "./icons.tsx";
import { RELEASERS, useIdentity } from "./identity.ts";
import { notify } from "./toasts.tsx";

export function Header({ email }: { email: string }) {
  const { session, config } = useSurroundings();
  const { path, route } = useLocation();
  const shop = config.wired.includes("shop");
  const metrics = config.wired.includes("metrics");
  const releases = config.wired.includes("releases");

  async function signOut() {
    const told = session.signOut();
    route("/");
    await told.then(
      () => notify("You are signed out."),
      () => notify("You are signed out here, but the sign-in service could not be told."),
    );
  }

  const link = (href: string, icon: IconName, text: string) => {
    const current = href === "/" ? path === "/" || path.startsWith("/items") : path.startsWith(href);
    return (
      <li>
        <a href={href} aria-current={current ? "page" : undefined}>
          <Icon name={icon} />
          {text}
        </a>
      </li>
    );
  };

  return (
    <header class="site">
      <a class="brand" href="/">
        Printroom
      </a>
      <nav aria-label="Main">
        <ul>
          {link("/", "gallery", "Gallery")}
          {shop && link("/orders", "orders", "Orders")}
          {metrics && link("/live", "live", "Live")}
          {link("/preferences", "preferences", "Taste")}
          {releases && <ForReleasers>{link("/releases", "releases", "Releases")}</ForReleasers>}
        </ul>
      </nav>
      <div class="account">
        <span class="email">{email}</span>
        <button type="button" class="quiet" onClick={signOut}>
          Sign out
        </button>
      </div>
    </header>
  );
}

function ForReleasers({ children }: { children: ComponentChildren }) {
  const isMember = useIdentity().value?.groups.includes(RELEASERS);
  return <>{isMember && children}</>;
}
