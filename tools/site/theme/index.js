import Theme from 'vitepress/theme';
import './farout.css';

export default Theme;
