import { useSurroundings } from "../context.ts";
import type { Identity } from "../session/identity.ts";
import { useLoaded } from "./loading.tsx";
import type { Loaded } from "./loading.tsx";

/** Group whose members see devices, and release. */
export const RELEASERS = "releasers";

/** Who is signed in, once there is a token. */
export function useIdentity(): Loaded<Identity> {
  const { session } = useSurroundings();
  return useLoaded(() => session.identity(), []);
}
