import { useState } from "preact/hooks";
import { useSurroundings } from "../context.ts";
import { Refusal } from "../refusal.ts";
import type { Challenge } from "../session/cognito.ts";
import { Field, Form } from "../ui/form.tsx";
import { Page } from "../ui/page.tsx";
import { notify } from "../ui/toasts.tsx";
import { Brand, ConfirmPage, ForgotPage, NewPassword, NewPasswordPage, SecondFactorPage } from "./sign-in-codes.tsx";

type Step =
  | { at: "sign-in" | "sign-up" | "forgot" }
  | { at: "confirm"; email: string; password: string }
  | { at: "new-password"; email: string }
  | { at: "second-factor"; email: string; challenge: Challenge };

const SECOND_FACTORS = ["SOFTWARE_TOKEN_MFA", "SMS_MFA"];

/** All ways in: sign in, sign up, confirm, and set a forgotten password anew. */
export function SignInPage() {
  const { session } = useSurroundings();
  const { cognito } = session;
  const [step, setStep] = useState<Step>({ at: "sign-in" });

  async function signIn(email: string, password: string) {
    try {
      const challenge = await session.signIn(email, password);
      if (challenge && !SECOND_FACTORS.includes(challenge.name)) {
        throw new Refusal(`Signing in to this account needs ${challenge.name}, which this page cannot do.`);
      }
      if (challenge) setStep({ at: "second-factor", email, challenge });
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== "UserNotConfirmedException") throw error;
      await cognito.resendCode(email);
      setStep({ at: "confirm", email, password });
    }
  }

  async function signUp(email: string, password: string) {
    await cognito.signUp(email, password);
    setStep({ at: "confirm", email, password });
  }

  switch (step.at) {
    case "sign-in":
      return (
        <CredentialsPage key="in" title="Sign in" onSubmit={signIn}>
          <button type="button" class="quiet" onClick={() => setStep({ at: "forgot" })}>
            Forgot your password?
          </button>
          <button type="button" class="quiet" onClick={() => setStep({ at: "sign-up" })}>
            Create an account
          </button>
        </CredentialsPage>
      );
    case "sign-up":
      return (
        <CredentialsPage key="up" title="Create an account" isNew onSubmit={signUp}>
          <button type="button" class="quiet" onClick={() => setStep({ at: "sign-in" })}>
            I have an account
          </button>
        </CredentialsPage>
      );
    case "confirm":
      return (
        <ConfirmPage
          email={step.email}
          onConfirm={async (code) => {
            await cognito.confirmSignUp(step.email, code);
            await signIn(step.email, step.password);
          }}
        />
      );
    case "forgot":
      return (
        <ForgotPage
          onBack={() => setStep({ at: "sign-in" })}
          onSent={(email) => setStep({ at: "new-password", email })}
        />
      );
    case "new-password":
      return (
        <NewPasswordPage
          email={step.email}
          onSet={async (password) => {
            notify("Your new password is set.");
            await signIn(step.email, password);
          }}
        />
      );
    case "second-factor":
      return <SecondFactorPage email={step.email} challenge={step.challenge} />;
  }
}

interface Props {
  title: string;
  isNew?: boolean;
  onSubmit: (email: string, password: string) => Promise<void>;
  children: preact.ComponentChildren;
}

function CredentialsPage({ title, isNew = false, onSubmit, children }: Props) {
  return (
    <div class="entrance">
      <Brand />
      <Page title={title}>
        <Form
          submit={title}
          onSubmit={(data) => onSubmit(String(data.get("email")).trim(), String(data.get("password")))}
          aside={children}
        >
          <Field name="email" label="E-mail">
            {(wiring) => <input {...wiring} type="email" autocomplete="username" required />}
          </Field>
          {isNew ? (
            <NewPassword label="Password" />
          ) : (
            <Field name="password" label="Password">
              {(wiring) => <input {...wiring} type="password" autocomplete="current-password" required />}
            </Field>
          )}
        </Form>
      </Page>
    </div>
  );
}
