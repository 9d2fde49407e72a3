/** The names of a caller's certificate, by which the file of credentials knows it. */
import type { PeerCertificate } from 'node:tls';

/** `DNS:a.example, IP Address:127.0.0.1`; a value with a comma in it stands in quotes, and a quote behind a backslash. */
const ALTERNATIVE = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/gy;
const KINDS = ['DNS', 'URI', 'email'];

/** Its common name and its alternative names. One that has to be quoted, as no honest one has, is none. */
export function certificateNames(certificate: PeerCertificate | undefined): string[] {
  if (certificate === undefined) return [];
  const { subject, subjectaltname } = certificate;
  // A connection without a certificate has an empty object for one.
  const common: unknown = typeof subject === 'object' && subject !== null ? subject.CN : undefined;
  const commonNames: readonly unknown[] = Array.isArray(common) ? common : [common];
  const alternatives = [...(subjectaltname ?? '').matchAll(ALTERNATIVE)]
    .filter(([, kind = '', name = '']) => KINDS.includes(kind) && !name.startsWith('"'))
    .map(([, , name]) => name);
  return [...commonNames, ...alternatives].filter((name) => typeof name === 'string' && name !== '').map(String);
}
