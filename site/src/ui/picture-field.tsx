import { useEffect, useId, useRef, useState } from "preact/hooks";
import { ACCEPTED, upload } from "../api/upload.ts";
import type { Image } from "../api/models.ts";
import { useSurroundings } from "../context.ts";
import { asRefusal } from "../refusal.ts";
import { Icon } from "./icons.tsx";
import { ProcessedPicture } from "./picture.tsx";

/** Uploads a picture as soon as it is chosen or dropped; the form gets its id as `image_id`. */
export function PictureField({ imageId: initial, alt }: { imageId: string | null; alt: string }) {
  const { service } = useSurroundings();
  const id = useId();
  const [imageId, setImageId] = useState(initial);
  const [progress, setProgress] = useState<number | null>(null);
  const [problem, setProblem] = useState("");
  const [told, setTold] = useState("");
  const [over, setOver] = useState(false);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  async function take(file: File | undefined) {
    if (!file) return;
    running.current?.abort();
    const controller = (running.current = new AbortController());
    setProblem("");
    setTold(`Uploading ${file.name}.`);
    setProgress(0);
    try {
      setImageId(await upload(service, file, setProgress, controller.signal));
      setTold(`${file.name} is uploaded and is being prepared.`);
    } catch (error) {
      if (controller.signal.aborted) return;
      setTold("");
      setProblem(asRefusal(error).message);
    }
    setProgress(null);
  }

  function cancel() {
    running.current?.abort();
    setProgress(null);
    setTold("The upload is cancelled.");
  }

  const onReady = (image: Image) => {
    setTold(image.status === "ready" ? "The picture is ready." : "The picture is not ready.");
  };

  const percent = Math.round((progress ?? 0) * 100);
  return (
    <div
      class={`field drop ${over ? "over" : ""}`}
      onDragOver={(event) => (event.preventDefault(), setOver(true))}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files[0]);
      }}
    >
      <input type="hidden" name="image_id" value={imageId ?? ""} />
      {imageId && (
        <ProcessedPicture
          key={imageId}
          imageId={imageId}
          alt={alt}
          sizes="(min-width: 46rem) 44rem, 100vw"
          onReady={onReady}
        />
      )}
      {progress === null ? (
        <div class="choose">
          <input
            id={id}
            type="file"
            accept={ACCEPTED}
            aria-describedby={problem ? `${id}-fault` : undefined}
            onChange={(event) => take(event.currentTarget.files?.[0])}
          />
          <label for={id}>
            <Icon name="picture" />
            {imageId ? "Choose another picture" : "Choose a picture, or drop one here"}
          </label>
          {imageId && (
            <button type="button" class="quiet" onClick={() => setImageId(null)}>
              Remove
            </button>
          )}
        </div>
      ) : (
        <div class="progress">
          <label for={`${id}-progress`}>Uploading: {percent} %</label>
          <progress id={`${id}-progress`} max={100} value={percent} />
          <button type="button" class="quiet" onClick={cancel}>
            Cancel
          </button>
        </div>
      )}
      {problem && (
        <p class="fault" id={`${id}-fault`} role="alert">
          {problem}
        </p>
      )}
      <p class="hidden" role="status">
        {told}
      </p>
    </div>
  );
}
