import { useLocation } from "preact-iso/router";
import { useState } from "preact/hooks";
import type { Item } from "../api/models.ts";
import { useSurroundings, useWired } from "../context.ts";
import { moment } from "../format.ts";
import { asRefusal } from "../refusal.ts";
import type { Refusal } from "../refusal.ts";
import { Await, useLoaded } from "../ui/loading.tsx";
import { Page } from "../ui/page.tsx";
import { NoPicture, ProcessedPicture } from "../ui/picture.tsx";
import { Problem } from "../ui/problem.tsx";

export function GalleryPage() {
  const isFeed = useLocation().query["order"] === "for-you";
  const tab = (href: string, text: string, current: boolean) => (
    <a href={href} aria-current={current ? "true" : undefined}>
      {text}
    </a>
  );
  return (
    <Page
      title="Gallery"
      actions={
        <a class="button primary" href="/items/new">
          New item
        </a>
      }
    >
      <nav class="tabs" aria-label="Order">
        {tab("/", "Newest", !isFeed)}
        {tab("/?order=for-you", "For you", isFeed)}
      </nav>
      {isFeed ? <ForYou /> : <Newest />}
    </Page>
  );
}

function Newest() {
  const { service } = useSurroundings();
  const first = useLoaded((signal) => service.items(null, signal), []);
  const [refusal, setRefusal] = useState<Refusal | null>(null);

  async function more(cursor: string, items: readonly Item[]) {
    setRefusal(null);
    try {
      const page = await service.items(cursor, new AbortController().signal);
      first.set({ ...page, items: [...items, ...page.items] });
    } catch (error) {
      setRefusal(asRefusal(error));
    }
  }

  return (
    <Await of={first}>
      {({ items, next_cursor }) => (
        <>
          {items.length ? <Cards items={items.map((item) => ({ item, because: [] }))} /> : <Empty />}
          {refusal && <Problem of={refusal} />}
          {next_cursor && (
            <div class="more">
              <button type="button" onClick={() => more(next_cursor, items)}>
                Load more
              </button>
            </div>
          )}
        </>
      )}
    </Await>
  );
}

function ForYou() {
  const { service } = useSurroundings();
  const feed = useLoaded((signal) => service.feed(signal), []);
  return <Await of={feed}>{({ items }) => (items.length ? <Cards items={items} /> : <Empty />)}</Await>;
}

function Empty() {
  return (
    <div class="empty">
      <p>Nothing here yet.</p>
      <p>
        <a href="/items/new">Add your first item</a>
      </p>
    </div>
  );
}

function Cards({ items }: { items: readonly { item: Item; because: readonly string[] }[] }) {
  const pictures = useWired("pictures");
  return (
    <ul class="cards">
      {items.map(({ item, because }) => (
        <li key={item.item_id}>
          <a class="card" href={`/items/${item.item_id}`}>
            {pictures && item.image_id ? (
              <ProcessedPicture imageId={item.image_id} alt="" sizes="(min-width: 46rem) 20rem, 50vw" />
            ) : (
              <NoPicture />
            )}
            <h2>{item.title}</h2>
            <p class="small">{because.length > 0 ? `Because of ${because.join(", ")}` : moment(item.created_at)}</p>
          </a>
        </li>
      ))}
    </ul>
  );
}
