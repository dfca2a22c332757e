#include "engine/shipment/stages.h"

namespace orderlog::engine::shipment {

using schema::ShipmentStage;
using schema::TrackingCode;

bool is_in_house(ShipmentStage stage) {
  switch (stage) {
    case ShipmentStage::Planned:
    case ShipmentStage::Released:
    case ShipmentStage::Picking:
    case ShipmentStage::Packed:
      return true;
    case ShipmentStage::None:
    case ShipmentStage::Shipped:
    case ShipmentStage::InTransit:
    case ShipmentStage::OutForDelivery:
    case ShipmentStage::Delivered:
    case ShipmentStage::DeliveryFailed:
    case ShipmentStage::Returning:
    case ShipmentStage::ReturnedToSender:
    case ShipmentStage::Cancelled:
    case ShipmentStage::Lost:
      return false;
  }
  return false;
}

bool is_under_way(ShipmentStage stage) {
  switch (stage) {
    case ShipmentStage::Shipped:
    case ShipmentStage::InTransit:
    case ShipmentStage::OutForDelivery:
    case ShipmentStage::DeliveryFailed:
    case ShipmentStage::Returning:
      return true;
    case ShipmentStage::None:
    case ShipmentStage::Planned:
    case ShipmentStage::Released:
    case ShipmentStage::Picking:
    case ShipmentStage::Packed:
    case ShipmentStage::Delivered:
    case ShipmentStage::ReturnedToSender:
    case ShipmentStage::Cancelled:
    case ShipmentStage::Lost:
      return false;
  }
  return false;
}

ShipmentStage stage_after(TrackingCode code) {
  switch (code) {
    case TrackingCode::InTransit:
      return ShipmentStage::InTransit;
    case TrackingCode::OutForDelivery:
      return ShipmentStage::OutForDelivery;
    case TrackingCode::Returning:
      return ShipmentStage::Returning;
    case TrackingCode::ReturnedToSender:
      return ShipmentStage::ReturnedToSender;
    case TrackingCode::Exception:
    case TrackingCode::None:
      return ShipmentStage::None;
  }
  return ShipmentStage::None;
}

}  // namespace orderlog::engine::shipment
