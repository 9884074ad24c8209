"""Devices, their pads and batteries, and who paid for them. Money in fen (0.01 CNY)."""

import datetime as dt
from typing import Any, Literal

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..facts import CabinetAccess, Lifecycle
from .base import Fact, Record, Words, choice, reference
from .places import CoordinateSource, Site

Access = Literal["public", "permissive", "customers", "private"]
Confidence = Literal["A", "B", "C"]
PadsKind = Literal["adult", "child", "universal"]
FundingSource = Literal["municipal_project", "donation", "self", "foundation"]


class Device(Record):
    """An AED: what it is, where exactly it hangs, how it is reached. Whether it would work is derived, never stored.

    mobile         carried on a vehicle: kept and checked, never counted as coverage of a place
    display_public shown on the public map; `hidden_reason` says why not
    """

    __tablename__ = "device"
    public_code: Mapped[str] = mapped_column(String(16), unique=True)
    serial: Mapped[Words]
    manufacturer: Mapped[Words]
    model: Mapped[Words]
    registration_no: Mapped[Words]
    manufactured_on: Mapped[dt.date | None]
    supplier: Mapped[Words]
    warranty_until_on: Mapped[dt.date | None]
    installed_on: Mapped[dt.date | None]
    body_expires_on: Mapped[dt.date | None]
    site_id: Mapped[str | None] = reference("site.id")
    mobile: Mapped[bool] = mapped_column(default=False)
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    coordinate_source: Mapped[CoordinateSource | None] = choice("coordinate_source", CoordinateSource, null=True)
    coordinate_accuracy_m: Mapped[float | None]
    coordinate_original: Mapped[dict[str, Any] | None]
    indoor: Mapped[bool | None]
    level: Mapped[Words]
    location_text: Mapped[Words]
    location_text_en: Mapped[Words]
    mount_height_cm: Mapped[int | None]
    cabinet_type: Mapped[Words]
    cabinet_access: Mapped[CabinetAccess] = choice("cabinet_access", CabinetAccess, default="")
    cabinet_power: Mapped[bool | None]
    remote_monitor_id: Mapped[Words]
    remote_seen_at: Mapped[dt.datetime | None]
    access: Mapped[Access | None] = choice("access", Access, null=True)
    opening_hours: Mapped[Words]
    accessories: Mapped[list[Any] | None]
    child_key: Mapped[bool | None]
    status: Mapped[Lifecycle] = choice("status", Lifecycle, default="planned")
    out_of_service_reason: Mapped[Words]
    display_public: Mapped[bool] = mapped_column(default=True)
    hidden_reason: Mapped[Words]
    last_verified_at: Mapped[dt.datetime | None]
    last_verified_by: Mapped[str | None] = reference("account.id")
    last_verified_method: Mapped[Words]
    data_confidence: Mapped[Confidence | None] = choice("data_confidence", Confidence, null=True)
    osm_id: Mapped[Words]
    external_ids: Mapped[dict[str, Any] | None]
    note: Mapped[Words]

    site: Mapped[Site | None] = relationship(lazy="raise", viewonly=True)
    pads: Mapped[list["Pads"]] = relationship(lazy="raise", viewonly=True, order_by="Pads.id")
    batteries: Mapped[list["Battery"]] = relationship(lazy="raise", viewonly=True, order_by="Battery.id")


class DeviceStep(Fact):
    """A step in a device's life, from an instant on; `Device.status` is where the newest led."""

    __tablename__ = "device_step"
    device_id: Mapped[str] = reference("device.id", null=False)
    at: Mapped[dt.datetime]
    status: Mapped[Lifecycle] = choice("status", Lifecycle)
    reason: Mapped[Words]


class Pads(Record):
    """One set of pads, from being fitted until removed."""

    __tablename__ = "pads"
    device_id: Mapped[str] = reference("device.id", null=False)
    kind: Mapped[PadsKind] = choice("kind", PadsKind, default="adult")
    lot: Mapped[Words]
    expires_on: Mapped[dt.date | None]
    opened_on: Mapped[dt.date | None]
    fitted_on: Mapped[dt.date | None]
    removed_on: Mapped[dt.date | None]
    spare: Mapped[bool] = mapped_column(default=False)


class Battery(Record):
    """One battery, from being installed until removed."""

    __tablename__ = "battery"
    device_id: Mapped[str] = reference("device.id", null=False)
    kind: Mapped[Words]
    lot: Mapped[Words]
    expires_on: Mapped[dt.date | None]
    installed_on: Mapped[dt.date | None]
    removed_on: Mapped[dt.date | None]


class Funding(Record):
    """Money or goods behind a device: the project, donor or site that paid."""

    __tablename__ = "funding"
    device_id: Mapped[str] = reference("device.id", null=False)
    source: Mapped[FundingSource] = choice("source", FundingSource)
    organisation_id: Mapped[str | None] = reference("organisation.id")
    person_id: Mapped[str | None] = reference("person.id")
    amount_fen: Mapped[int | None]
    paid_on: Mapped[dt.date | None]
    note: Mapped[Words]
