/** How blocks are told in a language, and how comments and strings begin. */
export interface Language {
  readonly name: string;
  readonly extensions: readonly string[];
  readonly blocks: 'brace' | 'indent' | 'end' | 'none';
  readonly lineComments: readonly string[];
  readonly blockComments: boolean;
  /** Quotes that end on their own line, and those that may run over several. */
  readonly quotes: readonly string[];
  readonly longQuotes: readonly string[];
}

const C_LIKE = { lineComments: ['//'], blockComments: true, quotes: ['"', "'"], longQuotes: [] } as const;

export const LANGUAGES: readonly Language[] = [
  {
    ...C_LIKE,
    name: 'typescript',
    extensions: ['ts', 'tsx', 'mts', 'cts'],
    blocks: 'brace',
    longQuotes: ['`'],
  },
  {
    ...C_LIKE,
    name: 'javascript',
    extensions: ['js', 'jsx', 'mjs', 'cjs'],
    blocks: 'brace',
    longQuotes: ['`'],
  },
  { ...C_LIKE, name: 'go', extensions: ['go'], blocks: 'brace', longQuotes: ['`'] },
  { ...C_LIKE, name: 'java', extensions: ['java'], blocks: 'brace', longQuotes: ['"""'] },
  { ...C_LIKE, name: 'kotlin', extensions: ['kt', 'kts'], blocks: 'brace', longQuotes: ['"""'] },
  { ...C_LIKE, name: 'csharp', extensions: ['cs'], blocks: 'brace' },
  { ...C_LIKE, name: 'c', extensions: ['c', 'h', 'cc', 'cpp', 'cxx', 'hpp', 'hh'], blocks: 'brace' },
  // A lone ' in Rust is a lifetime more often than a character.
  { ...C_LIKE, name: 'rust', extensions: ['rs'], blocks: 'brace', quotes: [], longQuotes: ['"'] },
  { ...C_LIKE, name: 'swift', extensions: ['swift'], blocks: 'brace', quotes: ['"'], longQuotes: ['"""'] },
  { ...C_LIKE, name: 'php', extensions: ['php'], blocks: 'brace', lineComments: ['//', '#'] },
  { ...C_LIKE, name: 'scala', extensions: ['scala'], blocks: 'brace', quotes: ['"'], longQuotes: ['"""'] },
  { ...C_LIKE, name: 'css', extensions: ['css', 'scss', 'less'], blocks: 'none', lineComments: [] },
  {
    name: 'python',
    extensions: ['py', 'pyi'],
    blocks: 'indent',
    lineComments: ['#'],
    blockComments: false,
    quotes: ['"', "'"],
    longQuotes: ['"""', "'''"],
  },
  {
    name: 'ruby',
    extensions: ['rb', 'rake'],
    blocks: 'end',
    lineComments: ['#'],
    blockComments: false,
    quotes: ['"', "'"],
    longQuotes: [],
  },
  {
    name: 'shell',
    extensions: ['sh', 'bash', 'zsh'],
    blocks: 'brace',
    lineComments: ['#'],
    blockComments: false,
    quotes: [],
    longQuotes: ["'"],
  },
  {
    name: 'yaml',
    extensions: ['yaml', 'yml', 'toml'],
    blocks: 'none',
    lineComments: ['#'],
    blockComments: false,
    quotes: [],
    longQuotes: [],
  },
  {
    name: 'sql',
    extensions: ['sql'],
    blocks: 'none',
    lineComments: ['--'],
    blockComments: true,
    quotes: ["'"],
    longQuotes: [],
  },
];

const BY_EXTENSION = new Map(
  LANGUAGES.flatMap((language) => language.extensions.map((extension) => [extension, language] as const)),
);
const BY_NAME = new Map(LANGUAGES.map((language) => [language.name, language] as const));

/** The language of a path by its extension; undefined for what is no code. */
export function languageOfPath(path: string): Language | undefined {
  const dot = path.lastIndexOf('.');
  return dot < 0 ? undefined : BY_EXTENSION.get(path.slice(dot + 1).toLowerCase());
}

/** A language by its name; undefined for `other`. */
export function languageNamed(name: string): Language | undefined {
  return BY_NAME.get(name);
}
