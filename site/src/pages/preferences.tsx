import { useRef, useState } from "preact/hooks";
import type { Version } from "../api/client.ts";
import type { Preferences } from "../api/models.ts";
import { useSurroundings } from "../context.ts";
import { number } from "../format.ts";
import { Refusal } from "../refusal.ts";
import { Conflict } from "../ui/conflict.tsx";
import { Field, Form } from "../ui/form.tsx";
import { Await, useLoaded } from "../ui/loading.tsx";
import { Page } from "../ui/page.tsx";
import { notify } from "../ui/toasts.tsx";

type Weights = Readonly<Record<string, number>>;

interface Known {
  version: Version<Preferences>;
  /** Of the newest items, to choose from. */
  tags: readonly string[];
}

export function PreferencesPage() {
  const { service } = useSurroundings();
  const known = useLoaded<Known>(async (signal) => {
    const [version, page] = await Promise.all([service.preferences(signal), service.items(null, signal, "100")]);
    return { version, tags: page.items.flatMap((item) => item.tags) };
  }, []);
  return (
    <Page title="Your taste">
      <p class="lead">Say what you like and dislike: “For you” in the gallery follows it.</p>
      <Await of={known}>
        {(found) => (
          <Edit key={found.version.etag} known={found} onSaved={(version) => known.set({ ...found, version })} />
        )}
      </Await>
    </Page>
  );
}

function Edit({ known, onSaved }: { known: Known; onSaved: (version: Version<Preferences>) => void }) {
  const { service } = useSurroundings();
  const [weights, setWeights] = useState<Weights>(known.version.value.tags);
  const [theirs, setTheirs] = useState<Version<Preferences> | null>(null);
  const tags = [...new Set([...Object.keys(weights), ...known.tags])].sort();

  async function save(etag: string) {
    const chosen = Object.fromEntries(Object.entries(weights).filter(([, weight]) => weight !== 0));
    try {
      onSaved(await service.setPreferences({ tags: chosen }, etag));
      notify("Your taste is saved.");
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 412) throw error;
      setTheirs(await service.preferences());
    }
  }

  return (
    <>
      <Form submit="Save" onSubmit={() => save(known.version.etag)}>
        <AddTag onAdd={(tag) => setWeights({ ...weights, [tag]: weights[tag] ?? 0.5 })} />
        {tags.length === 0 && <p>You have no tags yet: add one here, or give some to your items.</p>}
        <div class="weights">
          {tags.map((tag) => (
            <Weight
              key={tag}
              tag={tag}
              weight={weights[tag] ?? 0}
              onChange={(weight) => setWeights({ ...weights, [tag]: weight })}
            />
          ))}
        </div>
      </Form>
      {theirs && (
        <Conflict
          differences={differences(weights, theirs.value.tags)}
          onMine={() => save(theirs.etag)}
          onTheirs={() => onSaved(theirs)}
          onClose={() => setTheirs(null)}
        />
      )}
    </>
  );
}

function Weight({ tag, weight, onChange }: { tag: string; weight: number; onChange: (weight: number) => void }) {
  const text = told(weight);
  return (
    <label class="weight">
      <span>{tag}</span>
      <input
        type="range"
        min={-1}
        max={1}
        step={0.1}
        value={weight}
        aria-valuetext={text}
        onInput={(event) => onChange(event.currentTarget.valueAsNumber)}
      />
      <span class="small">{text}</span>
    </label>
  );
}

function told(weight: number): string {
  return weight === 0 ? "neither" : `${weight > 0 ? "like" : "dislike"} ${number(Math.abs(weight) * 100)} %`;
}

function AddTag({ onAdd }: { onAdd: (tag: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  function add() {
    const { value } = input.current!;
    if (!value || !input.current!.reportValidity()) return;
    onAdd(value);
    input.current!.value = "";
  }
  return (
    <Field name="new-tag" label="Another tag" hint="Small letters, digits and dashes.">
      {(wiring) => (
        <div class="joined">
          <input
            {...wiring}
            ref={input}
            autocapitalize="off"
            pattern="[a-z0-9][a-z0-9\-]{0,39}"
            onKeyDown={(event) => event.key === "Enter" && (event.preventDefault(), add())}
          />
          <button type="button" onClick={add}>
            Add
          </button>
        </div>
      )}
    </Field>
  );
}

function differences(mine: Weights, theirs: Weights) {
  const tags = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])].sort();
  return tags
    .map((tag) => ({ name: tag, mine: told(mine[tag] ?? 0), theirs: told(theirs[tag] ?? 0) }))
    .filter((each) => each.mine !== each.theirs);
}
