/** How long a test with a quick and a long form runs: the long one under PLEXSPACES_SOAK=1. */
export function places(forms: { readonly quick: number; readonly soak: number }): number {
  return process.env['PLEXSPACES_SOAK'] === '1' ? forms.soak : forms.quick;
}
