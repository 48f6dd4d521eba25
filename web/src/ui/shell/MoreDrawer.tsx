/** The places that the phone's bar has no room for. */
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Drawer } from "../Drawer";
import classes from "./AppLayout.module.css";
import type { Place } from "./navigation";

interface MoreDrawerProps {
  places: readonly Place[];
  isOpen: boolean;
  close: () => void;
}

export default function MoreDrawer({ places, isOpen, close }: MoreDrawerProps) {
  const { t } = useTranslation("common");
  return (
    <Drawer
      opened={isOpen}
      onClose={close}
      position="bottom"
      styles={{ content: { blockSize: "auto", paddingBlockEnd: "env(safe-area-inset-bottom)" } }}
      title={t("nav.more")}
    >
      {places.map(({ to, label, icon: Icon }) => (
        <Link key={to} to={to} className={classes.place} activeProps={{ "aria-current": "page" }} onClick={close}>
          <Icon size={19} stroke={1.7} aria-hidden />
          {t(label)}
        </Link>
      ))}
    </Drawer>
  );
}
