const MAX_ENTRIES = 1_000;
const MAX_CHARS = 1_000_000;

/**
 * Remembers what was made of a text, for a bounded number and length of texts; the oldest go first. What is made must
 * depend on the text alone: the module may be shared by many workflows, and a hit must not differ from a miss.
 */
export class BoundedCache<T> {
  readonly #entries = new Map<string, T>();
  #chars = 0;

  getOrMake(text: string, make: (text: string) => T): T {
    const known = this.#entries.get(text);
    if (known !== undefined) return known;
    const made = make(text);
    this.#entries.set(text, made);
    this.#chars += text.length;
    this.#dropOldest();
    return made;
  }

  #dropOldest(): void {
    for (const text of this.#entries.keys()) {
      if (this.#entries.size <= MAX_ENTRIES && this.#chars <= MAX_CHARS) return;
      this.#entries.delete(text);
      this.#chars -= text.length;
    }
  }
}
