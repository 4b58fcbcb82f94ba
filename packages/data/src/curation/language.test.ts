import { describe, expect, it } from "vitest";
import { loadLanguageDetector, unknownLanguage } from "./language.js";

// The first article of the Universal Declaration of Human Rights.
const article = {
  en: "All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience.",
  de: "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt.",
  fr: "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de conscience.",
  es: "Todos los seres humanos nacen libres e iguales en dignidad y derechos y, dotados como están de razón y conciencia.",
  it: "Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti. Essi sono dotati di ragione e di coscienza.",
  nl: "Alle mensen worden vrij en gelijk in waardigheid en rechten geboren. Zij zijn begiftigd met verstand en geweten.",
  ru: "Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью.",
  ja: "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。人間は、理性と良心とを授けられている。",
};

describe("languages", async () => {
  const detect = await loadLanguageDetector([]);

  it.each(Object.entries(article))("%s", (language, text) => expect(detect(text)).toBe(language));

  it("a short text, and one of no language, are unknown", () => {
    for (const text of ["", "Guten Tag", "3.14159 2.71828 1.41421 1.73205 0.57721 1.61803"]) {
      expect(detect(text)).toBe(unknownLanguage);
    }
  });

  it("a long text is what it is in two of three places", () => {
    expect(detect(`${article.en.repeat(4)} ${article.fr.repeat(60)}`)).toBe("fr");
    expect(detect(`${article.fr.repeat(40)} ${article.en.repeat(10)}`)).toBe("fr");
  });

  it("an unknown code is refused, with the nearest known one", async () => {
    await expect(loadLanguageDetector(["en", "english"])).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    await expect(loadLanguageDetector(["xx"])).rejects.toThrow('the language "xx"');
  });
});
