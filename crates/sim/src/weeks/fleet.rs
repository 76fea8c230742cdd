//! Vehicles: size, colour, and what they come for.

use crate::rng::Stream;

/// What a vehicle is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    Car,
    Pickup,
    Truck,
}

impl Body {
    pub fn word(self) -> &'static str {
        match self {
            Self::Car => "car",
            Self::Pickup => "pickup",
            Self::Truck => "truck",
        }
    }
}

/// One vehicle.
#[derive(Clone, Debug)]
pub(super) struct Vehicle {
    pub body: Body,
    pub length_m: f64,
    pub width_m: f64,
    /// CIE L*, a*, b*.
    pub colour: [f64; 3],
}

/// Who comes to the sites.
pub(super) struct Fleet {
    pub all: Vec<Vehicle>,
    /// Cars of those who work at each site.
    pub workers: [Vec<usize>; 3],
    /// Brings supplies to the farm.
    pub supplier: usize,
    /// Goes from the farm to the depot.
    pub hauler: usize,
    /// Fetch goods at the depot.
    pub customers: Vec<usize>,
    /// Belongs to the house.
    pub errand: usize,
    /// Come now and then.
    pub visitors: Vec<usize>,
    /// Trucks that come by without business.
    pub strays: Vec<usize>,
    /// Comes once at night.
    pub night: usize,
    /// Is seen at all three sites late.
    pub stranger: usize,
    /// Three that come together once.
    pub convoy: [usize; 3],
}

/// Paints that vehicles have, with their shares: most are white, black, grey or silver.
const PAINTS: [([f64; 3], f64); 9] = [
    ([92.0, 0.0, 1.0], 0.30),
    ([18.0, 0.0, 0.0], 0.16),
    ([45.0, 0.0, -1.0], 0.15),
    ([72.0, 0.0, -1.0], 0.13),
    ([38.0, 5.0, -30.0], 0.09),
    ([40.0, 48.0, 30.0], 0.08),
    ([45.0, -20.0, 15.0], 0.03),
    ([60.0, 8.0, 25.0], 0.04),
    ([75.0, 10.0, 60.0], 0.02),
];

fn vehicle(r: &mut Stream, body: Body) -> Vehicle {
    let (length, width) = match body {
        Body::Car => (4.3 + 0.3 * r.normal(), 1.8 + 0.06 * r.normal()),
        Body::Pickup => (5.3 + 0.2 * r.normal(), 1.9 + 0.06 * r.normal()),
        Body::Truck => (7.5 + 1.2 * r.normal(), 2.4 + 0.1 * r.normal()),
    };
    let mut u = r.unit();
    let mut colour = PAINTS[0].0;
    for (paint, share) in PAINTS {
        colour = paint;
        u -= share;
        if u < 0.0 {
            break;
        }
    }
    for (c, sigma) in colour.iter_mut().zip([4.0, 2.0, 2.5]) {
        *c += sigma * r.normal();
    }
    Vehicle {
        body,
        length_m: length.max(3.2),
        width_m: width.max(1.5),
        colour,
    }
}

impl Fleet {
    pub fn new(r: &mut Stream) -> Self {
        let mut all = Vec::new();
        let mut make = |r: &mut Stream, body| {
            all.push(vehicle(r, body));
            all.len() - 1
        };
        let mut some = |r: &mut Stream, n: usize, share_pickup: f64| -> Vec<usize> {
            (0..n)
                .map(|_| {
                    let body = if r.unit() < share_pickup {
                        Body::Pickup
                    } else {
                        Body::Car
                    };
                    make(r, body)
                })
                .collect()
        };
        let workers = [some(r, 5, 0.2), some(r, 6, 0.2), some(r, 3, 0.1)];
        let customers = some(r, 8, 0.7);
        let visitors = some(r, 14, 0.15);
        let convoy = [
            make(r, Body::Car),
            make(r, Body::Car),
            make(r, Body::Pickup),
        ];
        Self {
            workers,
            supplier: make(r, Body::Truck),
            hauler: make(r, Body::Truck),
            customers,
            errand: make(r, Body::Pickup),
            visitors,
            strays: (0..4).map(|_| make(r, Body::Truck)).collect(),
            night: make(r, Body::Truck),
            stranger: make(r, Body::Car),
            convoy,
            all,
        }
    }
}
