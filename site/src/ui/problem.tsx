import type { Refusal } from "../refusal.ts";

/** What went wrong, announced as soon as it appears. */
export function Problem({ of, onRetry }: { of: Refusal; onRetry?: () => void }) {
  return (
    <div class="problem" role="alert">
      <p>{of.message}</p>
      {of.requestId && (
        <p class="small">
          Request id: <code>{of.requestId}</code>
        </p>
      )}
      {onRetry && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
