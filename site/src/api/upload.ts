import { Refusal } from "../refusal.ts";
import { pause } from "./client.ts";
import type { Image, Upload, UploadDraft } from "./models.ts";
import type { Service } from "./service.ts";

type ContentType = UploadDraft["content_type"];

/** Browsers do not know all of them by content type. */
const BY_EXTENSION: Readonly<Record<string, ContentType>> = {
  avif: "image/avif",
  bmp: "image/bmp",
  gif: "image/gif",
  heic: "image/heic",
  heif: "image/heic",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  png: "image/png",
  tif: "image/tiff",
  tiff: "image/tiff",
  webp: "image/webp",
};

/** For file inputs. */
export const ACCEPTED = Object.keys(BY_EXTENSION)
  .map((extension) => `.${extension}`)
  .join(",");

/** Sends a picture to where the service says; returns the id that its image will have. */
export async function upload(
  service: Service,
  file: File,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const contentType = BY_EXTENSION[file.name.split(".").at(-1)?.toLowerCase() ?? ""];
  if (!contentType) throw new Refusal(`${file.name} is no picture of a kind that is taken here.`);
  const form = await service.createUpload({ content_type: contentType }, crypto.randomUUID(), signal);
  if (file.size > form.max_bytes) {
    throw new Refusal(`${file.name} has ${megabytes(file.size)}, and ${megabytes(form.max_bytes)} are taken.`);
  }
  await post(form, file, onProgress, signal);
  return form.upload_id;
}

/** XMLHttpRequest, since fetch does not tell how much of a body has been sent. */
function post(form: Upload, file: File, onProgress: (share: number) => void, signal: AbortSignal): Promise<void> {
  const body = new FormData();
  for (const [name, value] of Object.entries(form.fields)) body.append(name, value);
  body.append("file", file); // last: Amazon S3 heeds no field behind it
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.url);
    request.upload.onprogress = (event) => onProgress(event.loaded / event.total);
    request.onerror = () => reject(new Refusal("The upload broke off. Check your connection, then try again."));
    request.onabort = () => reject(signal.reason);
    request.onload = () => (request.status < 300 ? resolve() : reject(notStored(request)));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });
}

function notStored(request: XMLHttpRequest): Refusal {
  const reason = request.responseXML?.querySelector("Message")?.textContent;
  return new Refusal(`The picture was not stored: ${reason ?? `the server answers ${request.status}`}`, {
    status: request.status,
    requestId: request.getResponseHeader("x-amz-request-id"),
  });
}

const FIRST_WAIT_SECONDS = 0.4;
const LONGEST_WAIT_SECONDS = 5;
const PATIENCE_SECONDS = 180;

/** The image once it is processed, or as pending where that takes longer than minutes. */
export async function processed(service: Service, imageId: string, signal: AbortSignal): Promise<Image> {
  const end = Date.now() + PATIENCE_SECONDS * 1000;
  for (let seconds = FIRST_WAIT_SECONDS; ; seconds = Math.min(seconds * 1.4, LONGEST_WAIT_SECONDS)) {
    const image = await service.image(imageId, signal);
    if (image.status !== "pending" || Date.now() > end) return image;
    await pause(seconds, signal);
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toLocaleString(undefined, { maximumFractionDigits: 1 })} MiB`;
}
