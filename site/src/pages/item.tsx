import { useLocation } from "preact-iso/router";
import { useEffect, useState } from "preact/hooks";
import type { Version } from "../api/client.ts";
import type { Item } from "../api/models.ts";
import { useSurroundings, useWired } from "../context.ts";
import { moment } from "../format.ts";
import { asRefusal } from "../refusal.ts";
import type { Refusal } from "../refusal.ts";
import { Dialog } from "../ui/dialog.tsx";
import { FoundItem } from "../ui/found-item.tsx";
import { Page } from "../ui/page.tsx";
import { ProcessedPicture } from "../ui/picture.tsx";
import { Problem } from "../ui/problem.tsx";
import { notify } from "../ui/toasts.tsx";

export function ItemPage({ id }: { id: string }) {
  return <FoundItem id={id}>{(version) => <Shown key={id} version={version} />}</FoundItem>;
}

function Shown({ version: { value: item, etag } }: { version: Version<Item> }) {
  const { service } = useSurroundings();
  const pictures = useWired("pictures");
  const shop = useWired("shop");
  const [isDeleting, setDeleting] = useState(false);

  // For the feed alone: that it was not noted is no reason to disturb.
  useEffect(() => void service.recordView(item.item_id).catch(asRefusal), [item.item_id]);

  return (
    <Page
      title={item.title}
      actions={
        <>
          {shop && (
            <a class="button" href={`/orders/new?item=${item.item_id}`}>
              Order prints
            </a>
          )}
          <a class="button" href={`/items/${item.item_id}/edit`}>
            Edit
          </a>
          <button type="button" class="danger" onClick={() => setDeleting(true)}>
            Delete
          </button>
        </>
      }
    >
      <article class="item">
        {pictures && item.image_id && (
          <ProcessedPicture imageId={item.image_id} alt={item.title} sizes="(min-width: 60rem) 50rem, 100vw" />
        )}
        <div class="about">
          {item.description && <p class="description">{item.description}</p>}
          {item.tags.length > 0 && (
            <ul class="tags" aria-label="Tags">
              {item.tags.map((tag) => (
                <li key={tag}>{tag}</li>
              ))}
            </ul>
          )}
          <p class="small">
            Added {moment(item.created_at)}
            {item.updated_at !== item.created_at && `, changed ${moment(item.updated_at)}`}
          </p>
        </div>
      </article>
      {isDeleting && <Delete item={item} etag={etag} onClose={() => setDeleting(false)} />}
    </Page>
  );
}

function Delete({ item, etag, onClose }: { item: Item; etag: string; onClose: () => void }) {
  const { service } = useSurroundings();
  const { route } = useLocation();
  const [refusal, setRefusal] = useState<Refusal | null>(null);

  async function remove() {
    try {
      await service.deleteItem(item.item_id, etag);
    } catch (error) {
      setRefusal(asRefusal(error));
      return;
    }
    notify(`“${item.title}” is deleted.`);
    route("/");
  }

  return (
    <Dialog title={`Delete “${item.title}”?`} onClose={onClose}>
      <p>It cannot be brought back.</p>
      {refusal && <Problem of={refusal} />}
      <div class="actions">
        <button type="button" class="danger" onClick={remove}>
          Delete it
        </button>
        <button type="button" class="quiet" onClick={onClose} autofocus>
          Keep it
        </button>
      </div>
    </Dialog>
  );
}
