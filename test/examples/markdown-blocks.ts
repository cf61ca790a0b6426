/** A fenced block of a Markdown page, with the comment that stands right above it (`<!-- run -->`). */
export interface MarkdownBlock {
  readonly language: string;
  readonly text: string;
  /** The words of the comment, empty where there is none: `run`, `server`, `file: my-flow.yaml`. */
  readonly mark: string;
}

/** Every fenced block of a page, in order. */
export function readMarkdownBlocks(page: string): readonly MarkdownBlock[] {
  const blocks = page.matchAll(/(?:^<!-- (.+?) -->\n)?^```(\w*)\n([\s\S]*?)^```$/gm);
  return [...blocks].map(([, mark = '', language = '', text = '']) => ({ mark, language, text }));
}
