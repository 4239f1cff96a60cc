const number = /[-+]?\d+(\.\d+)?(e[-+]?\d+)?/gi;

/** What kind of failure a message tells of: many name the values of their config, and are alike all the same. */
export function failureKind(message: string): string {
  return message.replace(number, "0");
}
