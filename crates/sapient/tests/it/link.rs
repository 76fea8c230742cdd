//! A node and a host.

use crate::round_trip::node;
use atalaya_sapient::{
    Heard, Host, Message, Node, NodeConfig, NodeState, Place, Tasked, Value, check::check, wire,
};

const HOST: &str = "b1c6a0a2-9a4e-4f1e-9f0a-6d5f1e2c3b4a";
const T: i64 = 1_795_404_000_000_000;

fn host() -> Host {
    Host::new(HOST, &[])
}

fn registered() -> (Node, Host) {
    let (mut n, mut h) = (node(), host());
    let hello = n.connected(T).remove(0);
    let (heard, ack) = h.hear(&wire::encode(&hello), T);
    assert!(matches!(heard, Heard::Registered { name, .. } if name == "Gate"));
    let ack = ack.unwrap();
    assert_eq!(check(&ack), []);
    let (_, said) = n.hear(&wire::encode(&ack), T);
    assert_eq!(n.state(), &NodeState::Registered);
    // The state is told at once.
    let (heard, _) = h.hear(&wire::encode(&said[0]), T);
    match heard {
        Heard::Status {
            place: Some(Place::Geo { lon, lat, .. }),
            goodbye: false,
            ..
        } => {
            assert_eq!((lon, lat), (-3.5, 40.0));
        }
        other => panic!("{other:?}"),
    }
    (n, h)
}

#[test]
fn a_sensor_registers_reports_and_says_goodbye() {
    let (mut n, mut h) = registered();
    assert!(n.tick(T + 29_000_000).is_empty());
    assert_eq!(n.tick(T + 30_000_000).len(), 1);
    let object = "01GGYFBAXH4VYRQYEX7S3XGK3H";
    let d = n
        .detection(T, object, [-3.501, 40.001, 0.0], 4.0, ("Human", 0.8))
        .unwrap();
    assert_eq!(check(&d), []);
    match h.hear(&wire::encode(&d), T) {
        (Heard::Detection(d), None) => {
            assert_eq!(
                (d.object.as_str(), d.classes[0].0.as_str()),
                (object, "Human")
            );
            assert!((d.confidence.unwrap() - 0.8).abs() < 1e-6);
            match d.place {
                Some(Place::Geo {
                    sigma_m: Some(s), ..
                }) => assert!((s - 4.0).abs() < 1e-6),
                other => panic!("{other:?}"),
            }
        }
        other => panic!("{other:?}"),
    }
    let a = n.alert(T, [-3.5, 40.0, 0.0], "wire cut").unwrap();
    assert_eq!(check(&a), []);
    let (heard, ack) = h.hear(&wire::encode(&a), T);
    assert!(matches!(heard, Heard::Alert { description, .. } if description == "wire cut"));
    assert_eq!(check(&ack.unwrap()), []);
    let bye = n.goodbye(T).unwrap();
    assert!(matches!(
        h.hear(&wire::encode(&bye), T).0,
        Heard::Status { goodbye: true, .. }
    ));
    // After that it has to register again.
    let (heard, error) = h.hear(&wire::encode(&d), T);
    assert!(matches!(heard, Heard::Refused { .. }));
    assert_eq!(check(&error.unwrap()), []);
    assert_eq!(h.counts.unregistered, 1);
}

#[test]
fn effectors_are_refused_and_counted() {
    for kind in atalaya_sapient::EFFECTORS {
        let config = NodeConfig {
            id: "a8654cdf-4328-47de-81fa-c495589e30c0".into(),
            name: "x".into(),
            kind: kind.into(),
            at: [0.0; 3],
            status_s: 1,
            can_look: false,
        };
        assert!(Node::new(config).is_none());
        let mut h = host();
        let hello = node().connected(T).remove(0);
        // A sensor's registration, with one more definition: what it also is.
        let m = Message::new("SapientMessage")
            .unwrap()
            .with("timestamp", Value::Time(T))
            .with_text("node_id", "a8654cdf-4328-47de-81fa-c495589e30c9")
            .with_message("registration", |_| {
                hello
                    .message("registration")
                    .unwrap()
                    .clone()
                    .with_message("node_definition", |d| d.with_word("node_type", kind))
            });
        let (heard, ack) = h.hear(&wire::encode(&m), T);
        assert!(
            matches!(heard, Heard::Refused { why } if why.contains("effectors are not accepted"))
        );
        let ack = ack.unwrap();
        assert_eq!(
            ack.message("registration_ack").unwrap().get("acceptance"),
            Some(&Value::Bool(false))
        );
        // Nothing that it says is taken.
        let mut n = node();
        n.hear(&wire::encode(&yes()), T);
        let d = n
            .detection(T, "01GGYFBAXH4VYRQYEX7S3XGK3H", [0.0; 3], 1.0, ("x", 0.5))
            .unwrap();
        assert!(matches!(
            h.hear(&wire::encode(&d), T).0,
            Heard::Refused { .. }
        ));
        assert_eq!((h.counts.effectors, h.counts.taken), (2, 0));
    }
}

fn yes() -> Message {
    Message::new("SapientMessage")
        .unwrap()
        .with("timestamp", Value::Time(T))
        .with_text("node_id", HOST)
        .with_message("registration_ack", |a| {
            a.with("acceptance", Value::Bool(true))
        })
}

#[test]
fn only_nodes_that_are_named_may_register_and_only_good_ones() {
    let mut h = Host::new(HOST, &["00000000-0000-0000-0000-000000000000".into()]);
    let mut n = node();
    let hello = n.connected(T).remove(0);
    let (_, ack) = h.hear(&wire::encode(&hello), T);
    n.hear(&wire::encode(&ack.unwrap()), T);
    assert!(matches!(n.state(), NodeState::Refused(why) if why.contains("not named")));
    let mut h = host();
    let bad = Message::new("SapientMessage")
        .unwrap()
        .with_text("node_id", "a8654cdf-4328-47de-81fa-c495589e30c9")
        .with_message("registration", |r| r.with_text("icd_version", "v1"));
    let (heard, _) = h.hear(&wire::encode(&bad), T);
    assert!(matches!(heard, Heard::Refused { .. }));
    let (heard, error) = h.hear(b"\xff\xff\xff", T);
    assert!(matches!(heard, Heard::Refused { .. }));
    assert_eq!(check(&error.unwrap()), []);
    assert_eq!(h.counts.malformed, 2);
}

#[test]
fn a_registration_without_answer_is_sent_again() {
    let mut n = node();
    n.connected(T);
    assert!(n.tick(T + 9_000_000).is_empty());
    assert_eq!(n.tick(T + 10_000_000).len(), 1);
}

#[test]
fn a_node_looks_and_watches_regions_and_refuses_the_rest() {
    let (mut n, _) = registered();
    let task = |fill: fn(Message) -> Message| {
        Message::new("SapientMessage")
            .unwrap()
            .with("timestamp", Value::Time(T))
            .with_text("node_id", HOST)
            .with_message("task", |t| {
                fill(
                    t.with_text("task_id", "01GGYFBAXH4VYRQYEX7S3XGK3H")
                        .with_word("control", "CONTROL_START"),
                )
            })
    };
    let look = task(|t| t.with_message("command", |c| c.with_message("look_at", |l| l)));
    let follow = task(|t| {
        t.with_message("command", |c| {
            c.with_message("follow", |f| {
                f.with_text("follow_object_id", "01GGYFBAXH4VYRQYEX7S3XGK3H")
            })
        })
    });
    let region = task(|t| t.with_message("region", |r| r.with_word("type", "REGION_TYPE_IGNORE")));
    let status = task(|t| t.with_message("command", |c| c.with_text("request", "Status")));
    let answer = |n: &mut Node, m: &Message| {
        let (tasked, said) = n.hear(&wire::encode(m), T);
        assert_eq!(check(&said[0]), []);
        let word = said[0]
            .message("task_ack")
            .unwrap()
            .word("task_status")
            .unwrap();
        (tasked, word, said.len())
    };
    assert!(matches!(
        answer(&mut n, &look),
        (None, "TASK_STATUS_REJECTED", 1)
    ));
    assert!(matches!(
        answer(&mut n, &follow),
        (None, "TASK_STATUS_REJECTED", 1)
    ));
    assert!(
        matches!(answer(&mut n, &region), (Some(Tasked::Regions(r)), "TASK_STATUS_ACCEPTED", 1) if r.len() == 1)
    );
    assert!(matches!(
        answer(&mut n, &status),
        (None, "TASK_STATUS_COMPLETED", 2)
    ));
    assert_eq!(n.refused, 2);
    let mut config = NodeConfig {
        id: "a8654cdf-4328-47de-81fa-c495589e30c9".into(),
        name: "Mast".into(),
        kind: "NODE_TYPE_CAMERA".into(),
        at: [0.0; 3],
        status_s: 1,
        can_look: true,
    };
    config.name.push('!');
    let mut camera = Node::new(config).unwrap();
    assert!(matches!(
        answer(&mut camera, &look),
        (Some(Tasked::Look(_)), "TASK_STATUS_ACCEPTED", 1)
    ));
}

#[test]
fn only_a_registered_sensor_that_can_look_is_asked_to_and_its_answer_is_heard() {
    let (gate, mut h) = registered();
    drop(gate);
    assert_eq!(h.lookers().count(), 0, "a tripwire can't be turned");
    let mut camera = Node::new(NodeConfig {
        id: "b8654cdf-4328-47de-81fa-c495589e30c0".into(),
        name: "Mast".into(),
        kind: "NODE_TYPE_CAMERA".into(),
        at: [-3.5, 40.0, 700.0],
        status_s: 30,
        can_look: true,
    })
    .unwrap();
    let id = "b8654cdf-4328-47de-81fa-c495589e30c0";
    let place = [-3.501, 40.001, 700.0];
    assert_eq!(h.look(id, place, T), None, "it has not registered");
    let hello = camera.connected(T).remove(0);
    assert_eq!(check(&hello), []);
    let (_, ack) = h.hear(&wire::encode(&hello), T);
    camera.hear(&wire::encode(&ack.unwrap()), T);
    assert_eq!(h.lookers().collect::<Vec<_>>(), [id]);
    let task = h.look(id, place, T).unwrap();
    assert_eq!(check(&task), []);
    let again = h.look(id, place, T).unwrap();
    let id_of = |m: &Message| {
        m.message("task")
            .unwrap()
            .text("task_id")
            .unwrap()
            .to_owned()
    };
    assert_ne!(id_of(&task), id_of(&again));
    let (tasked, said) = camera.hear(&wire::encode(&task), T);
    let Some(Tasked::Look(at)) = tasked else {
        panic!("{tasked:?}");
    };
    let list = at.message("location_list").unwrap();
    let found = Place::location(list.messages("locations").next().unwrap());
    assert!(
        matches!(found, Some(Place::Geo { lon, lat, .. }) if (lon, lat) == (place[0], place[1]))
    );
    let (heard, answer) = h.hear(&wire::encode(&said[0]), T);
    assert_eq!(answer, None);
    assert_eq!(
        heard,
        Heard::Answered {
            node: id.into(),
            task: id_of(&task),
            status: "TASK_STATUS_ACCEPTED",
            reason: None
        }
    );
    // A camera that is also something that acts on the world is none: nothing is asked of it.
    let armed = Message::new("SapientMessage")
        .unwrap()
        .with("timestamp", Value::Time(T))
        .with_text("node_id", id)
        .with_message("registration", |_| {
            let r = hello.message("registration").unwrap().clone();
            r.with_message("node_definition", |d| {
                d.with_word("node_type", "NODE_TYPE_KINETIC")
            })
        });
    h.hear(&wire::encode(&armed), T);
    assert_eq!(h.look(id, place, T), None);
    assert_eq!(h.lookers().count(), 0);
}
