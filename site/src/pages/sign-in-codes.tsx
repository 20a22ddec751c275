import { useSurroundings } from "../context.ts";
import { Refusal } from "../refusal.ts";
import type { Challenge } from "../session/cognito.ts";
import { Field, Form } from "../ui/form.tsx";
import { Page } from "../ui/page.tsx";
import { notify } from "../ui/toasts.tsx";

export function Brand() {
  return (
    <>
      <p class="brand">Printroom</p>
      <p class="motto">Your pictures, and prints of them.</p>
    </>
  );
}

function Entrance({ title, children }: { title: string; children: preact.ComponentChildren }) {
  return (
    <div class="entrance">
      <Brand />
      <Page title={title}>{children}</Page>
    </div>
  );
}

function Code() {
  return (
    <Field name="code" label="Code">
      {(wiring) => <input {...wiring} inputMode="numeric" autocomplete="one-time-code" required />}
    </Field>
  );
}

/** The user pool asks for what the hint says. */
export function NewPassword({ label }: { label: string }) {
  const { passwordLength } = useSurroundings().config;
  const hint = `At least ${passwordLength} characters: capital and small letters, digits, and symbols.`;
  return (
    <Field name="password" label={label} hint={hint}>
      {(wiring) => (
        <input {...wiring} type="password" autocomplete="new-password" minLength={passwordLength} required />
      )}
    </Field>
  );
}

export function ConfirmPage({ email, onConfirm }: { email: string; onConfirm: (code: string) => Promise<void> }) {
  const { cognito } = useSurroundings().session;
  return (
    <Entrance title="Confirm your address">
      <p>We sent a code to {email}.</p>
      <Form
        submit="Confirm"
        onSubmit={(data) => onConfirm(String(data.get("code")).trim())}
        aside={
          <button
            type="button"
            class="quiet"
            onClick={() => cognito.resendCode(email).then(() => notify("A new code is on its way."), tellOf)}
          >
            Send another code
          </button>
        }
      >
        <Code />
      </Form>
    </Entrance>
  );
}

function tellOf(error: unknown): void {
  if (!(error instanceof Refusal)) throw error;
  notify(error.message);
}

export function ForgotPage({ onSent, onBack }: { onSent: (email: string) => void; onBack: () => void }) {
  const { cognito } = useSurroundings().session;
  return (
    <Entrance title="Forgot your password?">
      <Form
        submit="Send a code"
        onSubmit={async (data) => {
          const email = String(data.get("email")).trim();
          await cognito.forgotPassword(email);
          onSent(email);
        }}
        aside={
          <button type="button" class="quiet" onClick={onBack}>
            Back to sign-in
          </button>
        }
      >
        <Field name="email" label="E-mail">
          {(wiring) => <input {...wiring} type="email" autocomplete="username" required />}
        </Field>
      </Form>
    </Entrance>
  );
}

export function NewPasswordPage({ email, onSet }: { email: string; onSet: (password: string) => Promise<void> }) {
  const { cognito } = useSurroundings().session;
  return (
    <Entrance title="Choose a new password">
      <p>If there is an account for {email}, a code is on its way there.</p>
      <Form
        submit="Set password"
        onSubmit={async (data) => {
          const password = String(data.get("password"));
          await cognito.setPassword(email, String(data.get("code")).trim(), password);
          await onSet(password);
        }}
      >
        <Code />
        <NewPassword label="New password" />
      </Form>
    </Entrance>
  );
}

export function SecondFactorPage({ email, challenge }: { email: string; challenge: Challenge }) {
  const { session } = useSurroundings();
  return (
    <Entrance title="One more code">
      <p>Type the code that your authenticator app shows, or that was sent to your phone.</p>
      <Form
        submit="Sign in"
        onSubmit={async (data) => {
          await session.answerCode(challenge, email, String(data.get("code")).trim());
        }}
      >
        <Code />
      </Form>
    </Entrance>
  );
}
