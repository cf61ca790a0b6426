import type { ArtifactStore } from '../artifacts/index.js';
import type { DefinitionRegistry } from '../definition/definition-registry.js';
import type { EngineSettings } from '../workflows/messages.js';
import type { HostResolver } from './guarded-lookup.js';

/** What of the configuration activities read: `ChatFlowConfig` of src/platform fits. */
export interface ActivityConfig extends EngineSettings {
  readonly features: {
    readonly subworkflows: boolean;
    readonly http: boolean;
    readonly commands: boolean;
    readonly llm: boolean;
  };
  /** Private addresses that the http executor may reach: none, all, or these hosts, addresses and CIDR blocks. */
  readonly http: { readonly allow_private: boolean | readonly string[] };
  /** Programs that the command executor may run, by name; `root` is an absolute path. */
  readonly commands: { readonly allow: readonly string[]; readonly root: string };
}

/** What activities are made of: made once, where the worker is wired. */
export interface ActivityDependencies {
  readonly store: ArtifactStore;
  readonly config: ActivityConfig;
  /** The value of a secret; undefined (or empty) where there is none. */
  readonly secrets: (name: string) => string | undefined;
  readonly definitions: DefinitionRegistry;
  /** How names of hosts become addresses. Default: the operating system's way. */
  readonly resolveHost?: HostResolver;
  /** What of the worker's environment programs may see. Default: process.env. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds between SIGTERM and SIGKILL. Default 5,000. */
  readonly killGraceMs?: number;
}
