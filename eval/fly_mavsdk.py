"""MAVSDK at the far end of `atalaya fly`: as an autopilot (its server plugins), or as a second ground
station that reads a plan file and what an aircraft holds, with code of its own."""

import argparse
import json
import sys
import time

from mavsdk.component_type import ComponentType
from mavsdk.mavsdk import Configuration, Mavsdk


def autopilot(args):
    from mavsdk.plugins.action_server.action_server import (
        ActionServer,
        AllowableFlightModes,
        FlightMode,
    )
    from mavsdk.plugins.mission_raw_server.mission_raw_server import MissionRawServer

    m = Mavsdk(Configuration.create_manual(args.system, 1, True))
    m.add_any_connection(args.connect)
    component = m.server_component_by_type(ComponentType.AUTOPILOT, 0)
    action = ActionServer(component)
    mission = MissionRawServer(component)
    action.set_armable(True, True)
    action.set_disarmable(True, True)
    action.set_allowable_flight_modes(AllowableFlightModes(can_auto_mode=True))
    state = {"armed": False, "flying": None}

    def armed(_, order, __):
        state["armed"] = order.arm

    def mode(_, new, __):
        if FlightMode(new) == FlightMode.MISSION:
            state["flying"] = state["flying"] or time.monotonic()

    action.subscribe_arm_disarm(armed)
    action.subscribe_flight_mode_change(mode)
    mission.subscribe_incoming_mission(lambda r, plan, _: None)
    end = time.monotonic() + args.seconds
    while time.monotonic() < end:
        time.sleep(0.05)
        over = state["flying"] and time.monotonic() > state["flying"] + 3
        action.set_armed_state(state["armed"] and not over)


def reader(args):
    from mavsdk.plugins.mission_raw.mission_raw import MissionRaw

    m = Mavsdk(Configuration.create_with_component_type(ComponentType.GROUND_STATION))
    m.add_any_connection(args.connect)
    system = m.first_autopilot(10.0)
    if system is None:
        sys.exit("MAVSDK finds no autopilot")
    raw = MissionRaw(system)
    plan = raw.import_qgroundcontrol_mission(args.plan)
    plan = plan[-1] if isinstance(plan, tuple) else plan

    def items(found):
        found = found[-1] if isinstance(found, tuple) else found
        return [
            [i.command, i.frame, i.x, i.y, round(i.z, 2)]
            + [round(v, 3) if v == v else None for v in (i.param1, i.param2, i.param3, i.param4)]
            for i in found
        ]

    lists = {
        "mission": (plan.mission_items, raw.download_mission),
        "fence": (plan.geofence_items, raw.download_geofence),
        "rally": (plan.rally_items, raw.download_rallypoints),
    }
    said = {}
    for name, (wanted, download) in lists.items():
        wanted, held = items(wanted), items(download())
        said[name] = {"plan": len(wanted), "aircraft": len(held), "same": wanted == held}
        if wanted != held:
            said[name]["first"] = next(
                ([a, b] for a, b in zip(wanted, held) if a != b), None
            )
    print(json.dumps(said))


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("what", choices=["autopilot", "reader"])
    p.add_argument("--connect", required=True)
    p.add_argument("--plan")
    p.add_argument("--system", type=int, default=1)
    p.add_argument("--seconds", type=float, default=60)
    a = p.parse_args()
    {"autopilot": autopilot, "reader": reader}[a.what](a)
