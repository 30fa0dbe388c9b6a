/** Hands a file to the browser, which puts it where the user keeps downloads. */
export const saveFile = (name: string, base64: string): void =>
  save(
    name,
    Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)),
  );
export const saveText = (name: string, text: string): void => save(name, text);

const save = (name: string, content: BlobPart): void => {
  const url = URL.createObjectURL(new Blob([content]));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
};
