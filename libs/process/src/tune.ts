import { setFlagsFromString } from 'node:v8';

// Imported first by processes that carry bytes. Every read makes a buffer outside V8's heap that lives for a turn of the loop.
// As V8 is set, so little garbage of its own comes with them that the buffers pile up until a full collection of the whole heap
// is begun because of them, ten and more times a second. A young generation that stays small (1 MB) is collected more often and
// frees them first; a later start of full collections keeps what is on its way from counting as growth. Figures: docs/performance.md.
setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--heap-growing-percent=400');
if (Number(process.versions.v8.split('.')[0]) >= 13) setFlagsFromString('--external-memory-accounted-in-global-limit');
