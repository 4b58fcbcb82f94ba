export { type Augmentation, augment, augmentations } from "./augmentation.js";
export {
  type AdaptiveAugmentation,
  type GanConfiguration,
  type GanLoss,
  type GanNetwork,
  type GanSize,
  ganConfiguration,
  type ResidualNetwork,
} from "./configuration.js";
export { gan } from "./gan.js";
export { type GanDiversity, type GanWarning, ganMonitor } from "./monitor.js";
export { ganDiscriminate, ganGenerate } from "./networks.js";
