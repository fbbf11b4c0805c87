#!/usr/bin/env node
// The `sluice` command. In a checkout it runs the agent's package as `npm run build` (or `npm start`) has made it, or what is compiled;
// in the package it runs the only one that there is.
import { existsSync } from 'node:fs';

const [packaged, compiled] = ['../packed/package/dist/main.js', '../dist/main.js'].map((file) => new URL(file, import.meta.url));
const main = existsSync(packaged) ? packaged : compiled;
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`sluice: this is Node ${process.versions.node}, and Sluice needs 20.19 or newer, at best 24.`);
  process.exitCode = 1;
} else if (existsSync(main)) {
  try {
    await import(main.href);
  } catch (error) {
    console.error(`sluice: ${error.message}`); // the program could not be loaded
    process.exitCode = 1;
  }
} else {
  console.error('sluice: this checkout is not compiled yet. Run `npm run build` (or `npm start`, which compiles too) first.');
  process.exitCode = 1;
}
