import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Service } from "./api/service.ts";
import type { Config, Part } from "./config.ts";
import type { Session } from "./session/session.ts";

/** What all pages work with. */
export interface Surroundings {
  config: Config;
  session: Session;
  service: Service;
}

export const Context = createContext<Surroundings | null>(null);

export function useSurroundings(): Surroundings {
  const found = useContext(Context);
  if (!found) throw new Error("this component stands outside of the app");
  return found;
}

export function useWired(part: Part): boolean {
  return useSurroundings().config.wired.includes(part);
}
