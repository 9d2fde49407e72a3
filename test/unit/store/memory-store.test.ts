import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import { describeStore } from '../../support/store-conformance.ts';

describeStore('MemoryStore', async () => new MemoryStore());
