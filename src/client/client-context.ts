import type { Client } from '@temporalio/client';
import type { ArtifactStore } from '../artifacts/artifact-store.js';
import type { ChatFlowConfig } from '../platform/config.js';
import type { UpdateGate } from './update-gate.js';

/** What every method of the client works with. */
export interface ClientContext {
  readonly client: Client;
  /** For messages: where the client looks for Temporal. */
  readonly address: string;
  readonly namespace: string;
  /** The only tenant whose instances this client sees; null: all. */
  readonly tenant: string | null;
  readonly store: ArtifactStore;
  /** For messages: where the client looks for artifacts. */
  readonly storePlace: string;
  readonly config: ChatFlowConfig;
  /** How long a call may take before it fails, in milliseconds. */
  readonly deadlineMs: number;
  readonly updates: UpdateGate;
  /** Tenants of instances seen before, by id: an instance never changes its tenant. */
  readonly tenants: Map<string, string>;
}
