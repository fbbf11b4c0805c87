import { setFlagsFromString } from 'node:v8';

// Imported first by processes that carry bytes. Every read allocates a buffer outside V8's heap that lives for a turn of the event
// loop. With V8's defaults, there is so little other garbage that the buffers accumulate until they cause a full collection of the
// whole heap, ten or more times a second. A small young generation (1 MB) is collected more often and frees them first; starting
// full collections later keeps buffers in transit from counting as growth. Figures: docs/performance.md.
setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--heap-growing-percent=400');
if (Number(process.versions.v8.split('.')[0]) >= 13) setFlagsFromString('--external-memory-accounted-in-global-limit');
