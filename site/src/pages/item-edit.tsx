import { useLocation } from "preact-iso/router";
import { useState } from "preact/hooks";
import type { Version } from "../api/client.ts";
import { useIdempotencyKey } from "../api/idempotency.ts";
import type { Item, ItemDraft } from "../api/models.ts";
import { useSurroundings, useWired } from "../context.ts";
import { Refusal } from "../refusal.ts";
import { Conflict } from "../ui/conflict.tsx";
import { Field, Form } from "../ui/form.tsx";
import { FoundItem } from "../ui/found-item.tsx";
import { Page } from "../ui/page.tsx";
import { PictureField } from "../ui/picture-field.tsx";
import { ProcessedPicture } from "../ui/picture.tsx";
import { notify } from "../ui/toasts.tsx";

export function NewItemPage() {
  const { service } = useSurroundings();
  const { route } = useLocation();
  const keyFor = useIdempotencyKey();
  async function create(draft: Draft) {
    const item = await service.createItem(draft, keyFor(draft));
    notify(`“${item.title}” is added.`);
    route(`/items/${item.item_id}`, true);
  }
  return (
    <Page title="New item">
      <ItemForm item={null} onSubmit={create} />
    </Page>
  );
}

export function EditItemPage({ id }: { id: string }) {
  return <FoundItem id={id}>{(version) => <Edit key={id} version={version} />}</FoundItem>;
}

type Draft = Required<ItemDraft>;

function Edit({ version }: { version: Version<Item> }) {
  const { service } = useSurroundings();
  const { route } = useLocation();
  const [conflict, setConflict] = useState<{ mine: Draft; theirs: Version<Item> } | null>(null);
  const id = version.value.item_id;

  function leave(text: string) {
    notify(text);
    route(`/items/${id}`, true);
  }

  async function save(mine: Draft, etag: string) {
    try {
      await service.updateItem(id, mine, etag);
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 412) throw error;
      const theirs = await service.item(id);
      // The answer to an earlier attempt may have been lost on its way: then theirs is mine.
      if (differences(mine, theirs.value).length) {
        setConflict({ mine, theirs });
        return;
      }
    }
    leave(`“${mine.title}” is saved.`);
  }

  return (
    <Page title={`Edit “${version.value.title}”`}>
      <ItemForm item={version.value} onSubmit={(mine) => save(mine, version.etag)} />
      {conflict && (
        <Conflict
          differences={differences(conflict.mine, conflict.theirs.value)}
          onMine={() => save(conflict.mine, conflict.theirs.etag)}
          onTheirs={() => leave("The other version is kept.")}
          onClose={() => setConflict(null)}
        />
      )}
    </Page>
  );
}

function differences(mine: Draft, theirs: Item) {
  return [
    { name: "Title", mine: mine.title, theirs: theirs.title },
    { name: "Description", mine: mine.description, theirs: theirs.description },
    { name: "Tags", mine: mine.tags.join(", "), theirs: theirs.tags.join(", ") },
    { name: "Picture", mine: mine.image_id ?? "", theirs: theirs.image_id ?? "", show: picture },
  ].filter((each) => each.mine !== each.theirs);
}

function picture(imageId: string) {
  return <ProcessedPicture imageId={imageId} alt="Picture" sizes="12rem" />;
}

function ItemForm({ item, onSubmit }: { item: Item | null; onSubmit: (draft: Draft) => Promise<void> }) {
  const pictures = useWired("pictures");
  return (
    <Form
      submit="Save"
      onSubmit={(data) =>
        onSubmit({
          title: String(data.get("title")).trim(),
          description: String(data.get("description")),
          tags: tagsOf(String(data.get("tags"))),
          image_id: String(data.get("image_id") ?? "") || null,
        })
      }
      aside={
        <a class="button quiet" href={item ? `/items/${item.item_id}` : "/"}>
          Cancel
        </a>
      }
    >
      {pictures && <PictureField imageId={item?.image_id ?? null} alt={item?.title ?? "The picture that you chose"} />}
      <Field name="title" label="Title">
        {(wiring) => <input {...wiring} defaultValue={item?.title} required />}
      </Field>
      <Field name="description" label="Description">
        {(wiring) => <textarea {...wiring} rows={5} defaultValue={item?.description} />}
      </Field>
      <Field name="tags" label="Tags" hint="Small letters, digits and dashes; commas between tags.">
        {(wiring) => <input {...wiring} defaultValue={item?.tags.join(", ")} autocapitalize="off" />}
      </Field>
    </Form>
  );
}

function tagsOf(text: string): string[] {
  return [...new Set(text.split(",").map((tag) => tag.trim()))].filter(Boolean);
}
