//! MAVLink's answers in words.

use atalaya_mav::common::{MavMissionResult, MavResult};

/// Why an autopilot took no list of items.
pub(crate) fn refusal(result: MavMissionResult) -> &'static str {
    use MavMissionResult as R;
    match result {
        R::MAV_MISSION_ACCEPTED => "accepted",
        R::MAV_MISSION_ERROR => "it gives no reason; look at its messages",
        R::MAV_MISSION_UNSUPPORTED_FRAME => "it doesn't know this kind of height",
        R::MAV_MISSION_UNSUPPORTED => "it doesn't know this command",
        R::MAV_MISSION_NO_SPACE => "it has no room for so many items",
        R::MAV_MISSION_INVALID => "it finds an item invalid",
        R::MAV_MISSION_INVALID_PARAM1 => "it finds parameter 1 invalid",
        R::MAV_MISSION_INVALID_PARAM2 => "it finds parameter 2 invalid",
        R::MAV_MISSION_INVALID_PARAM3 => "it finds parameter 3 invalid",
        R::MAV_MISSION_INVALID_PARAM4 => "it finds parameter 4 invalid",
        R::MAV_MISSION_INVALID_PARAM5_X => "it finds the latitude invalid",
        R::MAV_MISSION_INVALID_PARAM6_Y => "it finds the longitude invalid",
        R::MAV_MISSION_INVALID_PARAM7 => "it finds the height invalid",
        R::MAV_MISSION_INVALID_SEQUENCE => "items came out of order",
        R::MAV_MISSION_DENIED => "it takes no missions from this ground station",
        R::MAV_MISSION_OPERATION_CANCELLED => "it gave the transfer up",
    }
}

/// Why an autopilot didn't do as it was commanded.
pub(crate) fn answer(result: MavResult) -> &'static str {
    use MavResult as R;
    match result {
        R::MAV_RESULT_ACCEPTED => "accepted",
        R::MAV_RESULT_TEMPORARILY_REJECTED => "not now; try again",
        R::MAV_RESULT_DENIED => "denied",
        R::MAV_RESULT_UNSUPPORTED => "it doesn't know this command",
        R::MAV_RESULT_FAILED => "it tried and failed; look at its messages",
        R::MAV_RESULT_IN_PROGRESS => "in progress",
        R::MAV_RESULT_CANCELLED => "it was cancelled",
        _ => "it can't do so in this way",
    }
}
