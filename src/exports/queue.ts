// Jobs on a Redis: handing in, doing, and bytes that travel with them. For researchers: may change in any minor version.

export { blobSchema, Blobs } from "../node/queue/blobs.ts";
export { QueueConnection } from "../node/queue/connection.ts";
export { Jobs } from "../node/queue/jobs.ts";
export { type JobKind, queueName } from "../node/queue/kinds.ts";
export { type Refusal, Refused } from "../node/queue/refusal.ts";
export { QueueWorker } from "../node/queue/worker.ts";
