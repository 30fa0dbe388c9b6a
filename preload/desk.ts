import { contextBridge, ipcRenderer } from 'electron';
import { expose } from './bridge.ts';

expose({ contextBridge, ipcRenderer, page: window, platform: process.platform });
