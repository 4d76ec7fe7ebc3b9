/** What each llama looks like. Breeds follow the ids of the content; an unknown one gets a coat by its wool. */

export interface Breed {
  wool: string;
  light: string;
  shade: string;
  skin: string;
  skinDark: string;
  /** Blanket and ribbons. */
  cloth: string;
  clothTrim: string;
  coat: "fluffy" | "locks";
  /** What sets it apart. */
  mark: "none" | "moon" | "sun" | "flower";
}

const meadow: Breed = {
  wool: "#f7e9cf",
  light: "#fff8ea",
  shade: "#e2c79c",
  skin: "#d9ad7c",
  skinDark: "#a97848",
  cloth: "#c6533a",
  clothTrim: "#f0b544",
  coat: "fluffy",
  mark: "flower",
};

const suri: Breed = {
  wool: "#c98a55",
  light: "#e2ae7b",
  shade: "#a4673a",
  skin: "#8a5836",
  skinDark: "#633c24",
  cloth: "#2f7f7a",
  clothTrim: "#f4dca4",
  coat: "locks",
  mark: "none",
};

const moon: Breed = {
  wool: "#4d5a92",
  light: "#7181bd",
  shade: "#363f70",
  skin: "#c9c6dc",
  skinDark: "#8f8cb0",
  cloth: "#e9e3f4",
  clothTrim: "#9fb2ff",
  coat: "fluffy",
  mark: "moon",
};

const sun: Breed = {
  wool: "#f5bc45",
  light: "#ffdc85",
  shade: "#d98f1f",
  skin: "#f4dfb8",
  skinDark: "#c69a56",
  cloth: "#d8443c",
  clothTrim: "#fff1b8",
  coat: "locks",
  mark: "sun",
};

const BREEDS: Record<string, Breed> = {
  meadow_llama: meadow,
  suri_llama: suri,
  moon_llama: moon,
  sun_llama: sun,
};
const BY_WOOL: Record<string, Breed> = { plain: meadow, silky: suri, midnight: moon, golden: sun };

/** Coats that meadow llamas come in, so that a herd of one breed is not a herd of copies. */
const MEADOW_COATS: Pick<Breed, "wool" | "light" | "shade" | "skin" | "skinDark">[] = [
  meadow,
  { wool: "#b98d68", light: "#d4ae8c", shade: "#94694a", skin: "#7a5236", skinDark: "#573823" },
  { wool: "#fdfbf6", light: "#ffffff", shade: "#ddd6ca", skin: "#cdb7a4", skinDark: "#94796a" },
  { wool: "#8b7f79", light: "#aba19b", shade: "#685d58", skin: "#54494a", skinDark: "#3b3234" },
  { wool: "#ecc9a1", light: "#fbe1c2", shade: "#cf9f6d", skin: "#a8754a", skinDark: "#7b5232" },
];
const CLOTHS = ["#c6533a", "#2f7f7a", "#6d5aa8", "#d98a2b", "#3f7fb5"];

/** `variety` picks among the coats of a breed; 0 is the breed as the book shows it. */
export function breedOf(building: string, wool: string, variety = 0): Breed {
  const breed = BREEDS[building] ?? BY_WOOL[wool] ?? meadow;
  if (variety === 0) return breed;
  const cloth = CLOTHS[variety % CLOTHS.length] ?? breed.cloth;
  if (breed !== meadow) return { ...breed, cloth };
  return { ...breed, ...MEADOW_COATS[variety % MEADOW_COATS.length], cloth };
}

/** One colour for a kind of wool, for its counter and its puffs. */
export function woolColour(wool: string): { fill: string; shade: string } {
  // Cream on cream needs a darker edge than on the animal.
  if (wool === "plain") return { fill: "#faeed6", shade: "#cfa871" };
  const breed = BY_WOOL[wool] ?? meadow;
  return { fill: breed.wool, shade: breed.shade };
}
