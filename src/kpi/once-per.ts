/**
 * A function that works its result out once for each object, however often it is asked: most KPIs of a session ask for the
 * same sums. Right for objects that never change.
 */
export function oncePer<Key extends object, Result>(workOut: (key: Key) => Result): (key: Key) => Result {
  const known = new WeakMap<Key, { readonly result: Result }>()
  return (key) => {
    let found = known.get(key)
    if (found === undefined) {
      found = { result: workOut(key) }
      known.set(key, found)
    }
    return found.result
  }
}
