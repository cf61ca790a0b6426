/** What the agents of the audit tell one another: plain JSON that lies in files under the work directory. */

/** What a file is for: the analyses differ in what they look at. */
export type FileKind = 'source' | 'test' | 'other';

export interface AuditFile {
  /** Relative to the tree, with `/`. */
  readonly path: string;
  readonly bytes: number;
  readonly kind: FileKind;
  /** A name of `LANGUAGES`, or `other`. */
  readonly language: string;
  /** The folder that answers for it, one of the inventory's areas; null for what no area holds. */
  readonly area: string | null;
  /** Why it can't be read, where the listing has shown that already. */
  readonly closed?: Unread['why'];
}

/** A file that was looked for and not read. */
export interface Unread {
  readonly path: string;
  readonly why: 'not text' | 'too large' | 'not allowed' | 'not there any more' | 'its name is no UTF-8';
}

/** The inventory: every file of the tree, in the order of their paths. */
export interface Manifest {
  readonly path: string;
  readonly files: readonly AuditFile[];
  /** Folders that can't be opened: nobody knows what is in them. */
  readonly closedFolders: readonly string[];
  /** Folders that share the code among them, `.` for what no other holds; at most 12. */
  readonly areas: readonly string[];
}

/** Which files a round looks at. Empty: all of them. */
export interface Focus {
  /** Only files of at most so many bytes. */
  readonly max_bytes?: number;
  /** A file in the work directory with a list of paths: only these. */
  readonly list?: string;
}

export interface Limits {
  readonly max_file_lines: number;
  readonly max_function_lines: number;
  readonly min_block_lines: number;
}

export interface Finding {
  readonly path: string;
  /** Counts from 1. */
  readonly line: number;
  /** How large or how grave: what findings are sorted by, largest first. */
  readonly weight: number;
  readonly what: string;
}

/** What one analysis found, in a file of its own. */
export interface AnalysisResult {
  readonly analysis: string;
  readonly round: number;
  /** The findings speak of the whole tree: they take the place of those of earlier rounds. */
  readonly whole: boolean;
  /** Paths that it read. */
  readonly covered: readonly string[];
  readonly unreadable: readonly Unread[];
  readonly findings: readonly Finding[];
}

/** A folder that could not be audited. */
export interface FailedFolder {
  readonly folder: string;
  readonly why: string;
}

/** A folder for a child to audit. */
export interface FolderToAudit {
  readonly folder: string;
  /** What the child is granted, at least 1. */
  readonly max_tokens: number;
}

/** What the check said after a round. */
export interface Review {
  readonly round: number;
  /** Folders that had a child in the round, and those of them, or in them, whose audit failed. */
  readonly folders: readonly string[];
  readonly failed: readonly FailedFolder[];
  readonly verdict: 'pass' | 'again';
  readonly reason: string;
  readonly coverage: readonly Coverage[];
}

/** How much of what it had to read an analysis has read, over all rounds so far. */
export interface Coverage {
  readonly analysis: string;
  readonly due: number;
  readonly covered: number;
  readonly unreadable: number;
  /** Paths that it did not try to read. */
  readonly missing: readonly string[];
}

/** A file with its text. */
export interface FileText {
  readonly path: string;
  readonly language: string;
  readonly kind: FileKind;
  readonly text: string;
}
