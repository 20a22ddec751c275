const PATHS = {
  gallery: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M9 9h.01",
  orders: "M5 8h14l-1 12H6zM9 8a3 3 0 0 1 6 0",
  live: "M4 20V10M10 20V4M16 20v-8M20 20H3",
  preferences: "M12 20s-7-4.6-7-10a4 4 0 0 1 7-2.6A4 4 0 0 1 19 10c0 5.4-7 10-7 10z",
  releases: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 16V8M8.5 11.5L12 8l3.5 3.5",
  picture: "M12 16V5M8 9l4-4 4 4M5 15v4h14v-4",
} as const;

export type IconName = keyof typeof PATHS;

/** Decoration: the text beside it says what is meant. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
