import { useEffect, useRef, useState } from "preact/hooks";
import { processed } from "../api/upload.ts";
import type { Image } from "../api/models.ts";
import { useSurroundings } from "../context.ts";
import { asRefusal } from "../refusal.ts";
import { Icon } from "./icons.tsx";

/** Best compression first: browsers take the first kind that they know. */
const CONTENT_TYPES = ["image/avif", "image/webp", "image/jpeg", "image/png"];

/** What image processing made of an upload, in the rendition that fits. */
export function Picture({ image, alt, sizes }: { image: Image; alt: string; sizes: string }) {
  const sources = CONTENT_TYPES.filter((type) => image.srcset?.[type]);
  return (
    <picture style={{ background: image.dominant_color ?? "" }}>
      {sources.map((type) => (
        <source key={type} type={type} srcset={image.srcset?.[type]} sizes={sizes} />
      ))}
      <img src={image.src ?? ""} alt={alt} width={image.width ?? ""} height={image.height ?? ""} decoding="async" />
    </picture>
  );
}

/** Ready images never change: each is asked for once. */
const known = new Map<string, Image>();

const NEARLY_IN_VIEW = "400px";

interface Props {
  imageId: string;
  alt: string;
  sizes: string;
  onReady?: (image: Image) => void;
}

/** The picture of an upload, once it comes into view and is processed. */
export function ProcessedPicture({ imageId, alt, sizes, onReady }: Props) {
  const { service } = useSurroundings();
  const frame = useRef<HTMLDivElement>(null);
  const [image, setImage] = useState(known.get(imageId));
  const [problem, setProblem] = useState("");

  useEffect(() => {
    const controller = new AbortController();
    const load = () =>
      processed(service, imageId, controller.signal).then(
        (found) => {
          if (found.status === "ready") known.set(imageId, found);
          setImage(found);
          onReady?.(found);
        },
        (error) => controller.signal.aborted || setProblem(asRefusal(error).message),
      );
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry?.isIntersecting) return;
        observer.disconnect();
        load();
      },
      { rootMargin: NEARLY_IN_VIEW },
    );
    if (!known.has(imageId)) observer.observe(frame.current!);
    return () => {
      observer.disconnect();
      controller.abort();
    };
  }, [imageId]);

  if (image?.status === "ready") return <Picture image={image} alt={alt} sizes={sizes} />;
  return (
    <div ref={frame} class={`no-picture ${image || problem ? "" : "waiting"}`}>
      {problem || told(image)}
    </div>
  );
}

function told(image: Image | undefined): string {
  switch (image?.status) {
    case undefined:
      return "Preparing the picture…";
    case "pending":
      return "The picture takes longer than usual.";
    default:
      return `The picture was ${image?.status}: ${image?.reason}`;
  }
}

/** In place of a picture that nobody uploaded. */
export function NoPicture() {
  return (
    <div class="no-picture">
      <Icon name="gallery" />
    </div>
  );
}
