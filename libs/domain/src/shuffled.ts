/** The items in a random order, each order equally likely (Fisher-Yates). @param random 0 to 1, excluding 1 */
export function shuffled<T>(items: Iterable<T>, random: () => number = Math.random): T[] {
  const all = [...items];
  for (let last = all.length - 1; last > 0; last--) {
    const chosen = Math.floor(random() * (last + 1));
    [all[last], all[chosen]] = [all[chosen] as T, all[last] as T];
  }
  return all;
}
