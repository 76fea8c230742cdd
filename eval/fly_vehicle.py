"""A fixed-wing aircraft for `atalaya fly` to talk to, made with pymavlink: the autopilot's side of the
mission, fence and rally protocols, and a flight that visits item after item in quick time."""

import argparse
import os
import time

os.environ["MAVLINK20"] = "1"
from pymavlink import mavutil  # noqa: E402
from pymavlink.dialects.v20 import common as mav  # noqa: E402


class Vehicle:
    def __init__(self, args):
        self.args = args
        self.link = mavutil.mavlink_connection(
            args.connect, source_system=args.system, source_component=1, dialect="common"
        )
        if args.sign:
            self.link.setup_signing(bytes.fromhex(args.sign), sign_outgoing=True)
        self.held = {0: [], 1: [], 2: []}
        self.upload = None  # kind, count, items, last time
        self.armed = args.armed
        self.flying = False
        self.item = 0
        self.next_beat = self.next_position = 0.0
        self.started = time.monotonic()

    def ask(self):
        kind, _, items, _ = self.upload
        self.upload[3] = time.monotonic()
        self.link.mav.mission_request_int_send(255, 190, len(items), kind)

    def take(self, m):
        t = m.get_type()
        if getattr(m, "target_system", self.args.system) != self.args.system:
            return
        if t == "MISSION_COUNT":
            if not self.upload or self.upload[0] != m.mission_type:
                self.upload = [m.mission_type, m.count, [], 0.0]
            self.ask()
        elif t == "MISSION_ITEM_INT" and self.upload:
            kind, count, items, _ = self.upload
            if m.mission_type != kind or m.seq != len(items):
                return
            if kind == 0 and m.seq == self.args.refuse:
                self.upload = None
                self.link.mav.mission_ack_send(255, 190, mav.MAV_MISSION_INVALID_PARAM7, kind)
                return
            if kind == 0 and m.seq == self.args.alter:
                m.z -= 50
            items.append(m)
            if len(items) < count:
                self.ask()
            else:
                self.held[kind] = items
                self.upload = None
                self.link.mav.mission_ack_send(255, 190, mav.MAV_MISSION_ACCEPTED, kind)
        elif t == "MISSION_CLEAR_ALL":
            self.held[m.mission_type] = []
            self.link.mav.mission_ack_send(255, 190, mav.MAV_MISSION_ACCEPTED, m.mission_type)
        elif t == "MISSION_REQUEST_LIST":
            held = self.held[m.mission_type]
            self.link.mav.mission_count_send(
                m.get_srcSystem(), m.get_srcComponent(), len(held), m.mission_type
            )
        elif t == "MISSION_REQUEST_INT" and m.seq < len(self.held[m.mission_type]):
            i = self.held[m.mission_type][m.seq]
            self.link.mav.mission_item_int_send(
                m.get_srcSystem(), m.get_srcComponent(), i.seq, i.frame, i.command, i.current,
                i.autocontinue, i.param1, i.param2, i.param3, i.param4, i.x, i.y, i.z,
                i.mission_type,
            )
        elif t == "COMMAND_LONG":
            if m.command == mav.MAV_CMD_COMPONENT_ARM_DISARM:
                self.armed = True
            elif m.command == mav.MAV_CMD_MISSION_START:
                self.flying = True
            self.link.mav.command_ack_send(
                m.command, mav.MAV_RESULT_ACCEPTED, 0, 0, m.get_srcSystem(), m.get_srcComponent()
            )

    def tick(self):
        now = time.monotonic()
        boot = int((now - self.started) * 1000)
        if self.upload and now > self.upload[3] + 0.4:
            self.ask()
        if now > self.next_beat:
            self.next_beat = now + 0.5
            mode = mav.MAV_MODE_FLAG_SAFETY_ARMED if self.armed else 0
            kind = mav.MAV_AUTOPILOT_ARDUPILOTMEGA if self.args.ardupilot else mav.MAV_AUTOPILOT_PX4
            self.link.mav.heartbeat_send(mav.MAV_TYPE_FIXED_WING, kind, mode, 0, 4)
            self.link.mav.system_time_send(int(time.time() * 1e6), boot)
        if not self.flying or now < self.next_position:
            return
        self.next_position = now + 0.1
        if self.item >= len(self.held[0]):
            self.armed = self.flying = False
            return
        i = self.held[0][self.item]
        if i.frame != mav.MAV_FRAME_MISSION:
            self.link.mav.global_position_int_send(
                boot, i.x, i.y, int(i.z * 1000), int(i.z * 1000), 2000, 0, 0, 9000
            )
        self.link.mav.mission_item_reached_send(self.item)
        self.item += 1

    def run(self):
        end = time.monotonic() + self.args.seconds
        while time.monotonic() < end:
            m = self.link.recv_match(blocking=True, timeout=0.02)
            while m is not None:
                self.take(m)
                m = self.link.recv_match(blocking=False)
            self.tick()


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--connect", required=True, help="udpout:HOST:PORT")
    p.add_argument("--system", type=int, default=1)
    p.add_argument("--sign", help="64 hexadecimal digits")
    p.add_argument("--seconds", type=float, default=120)
    p.add_argument("--ardupilot", action="store_true")
    p.add_argument("--armed", action="store_true")
    p.add_argument("--refuse", type=int, default=-1, help="item that is refused")
    p.add_argument("--alter", type=int, default=-1, help="item that is held otherwise")
    Vehicle(p.parse_args()).run()
