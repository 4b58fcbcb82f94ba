/** The errors of datasets, codecs and batches: one class per failure, told apart by `code`. */
import { AtelierError } from "@atelier/engine/errors";

/** No file or folder at the given path. */
export class FileMissingError extends AtelierError {
  readonly code = "FILE_NOT_FOUND";
}

/** A file or folder that exists but cannot be read: permissions, a pipe, a broken link. */
export class UnreadableFileError extends AtelierError {
  readonly code = "UNREADABLE_FILE";
}

/** A text without a single character. */
export class EmptyTextError extends AtelierError {
  readonly code = "EMPTY_TEXT";
}

/** A folder without a file that holds text, or records without any. */
export class NoTextsError extends AtelierError {
  readonly code = "NO_TEXTS";
}

/** A file passed as text that holds NUL bytes. */
export class BinaryFileError extends AtelierError {
  readonly code = "BINARY_FILE";
}

/** A file passed as text that is not valid UTF-8. */
export class InvalidUtf8Error extends AtelierError {
  readonly code = "INVALID_UTF8";
}

/** A dataset name that is not in the registry. */
export class UnknownDatasetError extends AtelierError {
  readonly code = "UNKNOWN_DATASET";
}

/** A dataset that could not be fetched: no network, a refusing registry, a broken connection. */
export class DownloadError extends AtelierError {
  readonly code = "DOWNLOAD_FAILED";
}

/** A fetched dataset whose bytes are not the pinned ones. */
export class IntegrityError extends AtelierError {
  readonly code = "INTEGRITY_MISMATCH";
}

/** A cache folder that cannot be written: permissions, a full disk. */
export class CacheWriteError extends AtelierError {
  readonly code = "CACHE_UNWRITABLE";
}

/** A character that a character codec has never seen. */
export class UnknownCharacterError extends AtelierError {
  readonly code = "UNKNOWN_CHARACTER";
}

/** A text with fewer tokens than one context needs. */
export class TextTooShortError extends AtelierError {
  readonly code = "TEXT_TOO_SHORT";
}

/** A source without a picture that can be read. */
export class NoPicturesError extends AtelierError {
  readonly code = "NO_PICTURES";
}

/** A named dataset that no npm package holds and that was not found on this machine. */
export class DatasetNotInstalledError extends AtelierError {
  readonly code = "DATASET_NOT_INSTALLED";
}
