import { createMemoryArtifactStore } from '../../src/artifacts/index.js';
import { describeStoreContract } from './store-contract.js';

describeStoreContract('the memory driver', async () => createMemoryArtifactStore());
