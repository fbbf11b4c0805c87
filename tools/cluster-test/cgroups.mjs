// Control groups: one for each node, which has its pods, and one for everything else of the test. Together they come before other work
// of the machine, because a cluster whose processes wait for a processor loses connections that no user would lose.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = '/sys/fs/cgroup';
export const CGROUP = 'sluice-cluster-test';
const OTHERS = 'others';
/** Files that have the weight of a group, and the largest one: of version 1, of version 2. */
const WEIGHTS = { 'cpu.shares': '262144', 'cpu.weight': '10000' };

/** Makes the groups of a node. */
export function makeCgroups(node) {
  for (const hierarchy of hierarchies()) makeCgroup(hierarchy, CGROUP, node);
}

/** Moves this process, and with it all that it starts, into the group that comes before other work. */
export function enterCgroup() {
  for (const hierarchy of hierarchies())
    for (const [file, most] of Object.entries(WEIGHTS)) {
      makeCgroup(hierarchy, CGROUP, OTHERS);
      const weight = path.join(hierarchy, CGROUP, file);
      if (!existsSync(weight)) continue; // this hierarchy is for other resources
      writeFileSync(weight, most);
      enter(hierarchy, CGROUP, OTHERS);
    }
}

/** Removes the groups. @throws if there are still processes in them, other than this one */
export function removeCgroups() {
  for (const hierarchy of hierarchies()) {
    if (!existsSync(path.join(hierarchy, CGROUP))) continue;
    const others = path.join(hierarchy, CGROUP, OTHERS, 'cgroup.procs');
    if (existsSync(others) && readFileSync(others, 'utf8').split('\n').includes(String(process.pid))) enter(hierarchy);
    remove(path.join(hierarchy, CGROUP));
  }
}

/** Removes the groups of a node that was lost: its kubelet would look for the containers of each when it is back. */
export function removeCgroupsOf(node) {
  for (const hierarchy of hierarchies()) {
    const group = path.join(hierarchy, CGROUP, node);
    if (existsSync(group)) remove(group);
  }
}

function remove(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) remove(path.join(folder, entry.name));
  rmdirSync(folder);
}

/** The hierarchies of control groups: several with version 1, one with version 2. */
function hierarchies() {
  if (existsSync(path.join(ROOT, 'cgroup.controllers'))) return [ROOT];
  const folders = readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.map(({ name }) => path.join(ROOT, name));
}

function makeCgroup(hierarchy, ...names) {
  let folder = hierarchy;
  for (const name of names) {
    const parent = folder;
    folder = path.join(folder, name);
    mkdirSync(folder, { recursive: true });
    for (const file of ['cpuset.cpus', 'cpuset.mems'])
      if (existsSync(path.join(folder, file))) writeFileSync(path.join(folder, file), readFileSync(path.join(parent, file)));
  }
}

const enter = (hierarchy, ...names) => writeFileSync(path.join(hierarchy, ...names, 'cgroup.procs'), String(process.pid));
