/** `psql` through an agent outside, to a database that only the cluster's names lead to. */
export async function query({ installation }) {
  const answer = await installation.psql('select 6 * 7');
  const test = await installation.helm('test');
  const wrong = answer === '42' ? [] : [`the database answered ${answer}`];
  if (!/Phase:\s+Succeeded/.test(test)) wrong.push('helm test failed');
  return { shown: 'the answer is 42; `helm test` succeeded', wrong };
}
