/** Asks before something that can't be taken back: `if (await confirm({ … })) …`. */
import { createContext, lazy, type ReactNode, Suspense, useCallback, useContext, useState } from "react";

export interface Question {
  title: string;
  body?: ReactNode;
  /** The word on the button: what will be done, not "OK". */
  action: string;
  danger?: boolean;
}

type Confirm = (question: Question) => Promise<boolean>;

const Context = createContext<Confirm>(() => Promise.resolve(false));

export const useConfirm = (): Confirm => useContext(Context);

const ConfirmDialog = lazy(() => import("./ConfirmDialog"));

export function ConfirmProvider({ children }: { children: ReactNode }) {
  const [asked, ask] = useState<(Question & { answer: (yes: boolean) => void }) | null>(null);
  const [isOpen, open] = useState(false);
  const confirm = useCallback<Confirm>((question) => {
    return new Promise((answer) => {
      ask({ ...question, answer });
      open(true);
    });
  }, []);
  const answer = (yes: boolean) => {
    asked?.answer(yes);
    open(false);
  };
  return (
    <Context value={confirm}>
      {children}
      <Suspense>{asked && <ConfirmDialog question={asked} isOpen={isOpen} answer={answer} />}</Suspense>
    </Context>
  );
}
