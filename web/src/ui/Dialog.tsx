/** A dialog that is there only while it is open. The focus returns to where it came from when it goes away. */
import { useFocusBack } from "./focus";
import { Modal, type ModalProps } from "./Modal";

export function Dialog(props: Omit<ModalProps, "opened">) {
  useFocusBack();
  return <Modal opened {...props} />;
}
