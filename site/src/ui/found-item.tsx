import type { ComponentChildren } from "preact";
import type { Version } from "../api/client.ts";
import type { Item } from "../api/models.ts";
import { useSurroundings } from "../context.ts";
import { Await, useLoaded } from "./loading.tsx";
import { Page } from "./page.tsx";

interface Props {
  id: string;
  children: (version: Version<Item>) => ComponentChildren;
}

/** Its children once the item is there; where there is none, that. */
export function FoundItem({ id, children }: Props) {
  const { service } = useSurroundings();
  const found = useLoaded((signal) => service.item(id, signal), [id]);
  if (found.value || !found.refusal) return <Await of={found}>{children}</Await>;
  return (
    <Page title={found.refusal.status === 404 ? "No such item" : "Item"}>
      {found.refusal.status === 404 ? (
        <p>
          It may have been deleted. <a href="/">Go to the gallery</a>
        </p>
      ) : (
        <Await of={found}>{children}</Await>
      )}
    </Page>
  );
}
